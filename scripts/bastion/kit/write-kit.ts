/** What writing a kit has done. */
export type KitOutcome = "written" | "updated" | "unchanged";

export interface WriteKitOptions {
  /** Also where other files are, and over files that somebody has changed. */
  readonly force: boolean;
  /** Stops it, with nothing written. */
  readonly interruption: AbortSignal;
}
