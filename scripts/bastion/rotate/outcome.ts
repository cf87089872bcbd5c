import type { Subject } from "./rotation.ts";

/** How far a rotation is when the command ends. */
export const Outcome = { Begun: "begun", Waiting: "waiting", Finished: "finished", Abandoned: "abandoned", Nothing: "nothing" } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** What `bastion rotate` has done. */
export interface Rotated {
  readonly stack: string;
  readonly subject: Subject;
  /** `client dc1`, `the host keys`. */
  readonly title: string;
  /** Whether the private half is made with the bastion, and is to be handed over. */
  readonly isGenerated: boolean;
  readonly outcome: Outcome;
  /** What is waited for, or why there was nothing to do. */
  readonly reasons: readonly string[];
}
