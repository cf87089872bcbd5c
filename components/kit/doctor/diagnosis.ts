/** Who can do something about a fault. Undecided: one end alone cannot tell. */
export type Side = "customer" | "platform" | "undecided";

/** What somebody ends with who has looked for a fault, by whose side it is on. */
export const DOCTOR_EXIT_CODES = { healthy: 0, customer: 10, platform: 11, undecided: 12 } as const;

/** A fault as one end sees it. */
export interface Diagnosis {
  /** The step of a connection that fails. */
  readonly step: string;
  readonly side: Side;
  /** What it means, for somebody who knows networks. */
  readonly meaning: string;
  readonly remedy: string;
}
