/** How a piece of text stands out. */
export type Emphasis = "bold" | "dim" | "red" | "green";

/** Emphasizes a text where that can be seen, and gives it as it is elsewhere. */
export type Emphasize = (emphasis: Emphasis, text: string) => string;

/** Emphasis for a file, a pipe or a test. */
export const plain: Emphasize = (_, text) => text;

/** What a command has of the process it runs in. */
export interface Terminal {
  /** Where the command was typed. */
  readonly folder: string;
  readonly print: (text: string) => void;
  readonly emphasize: Emphasize;
  /** Aborted, with a reason to end with, when the person wants the command to stop. */
  readonly interruption: AbortSignal;
}

/** Renders data for `--json`. */
export function renderJson(data: unknown): string {
  return `${JSON.stringify(data, undefined, 2)}\n`;
}
