/** What the command line ends with. Ctrl-C and other signals end it with 128 and their number, as shells have it. */
export const EXIT_CODES = { done: 0, failed: 1, wrongUsage: 2, notThere: 3, notFinished: 4, tunnelNotUp: 5 } as const;

/** Why a command has ended, in words for the person who typed it. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** It did not work, and it is not the command that was wrong. */
export function failed(message: string): CommandFailure {
  return new CommandFailure(EXIT_CODES.failed, message);
}

/** The command has to be typed in another way. */
export function wrongUsage(message: string): CommandFailure {
  return new CommandFailure(EXIT_CODES.wrongUsage, message);
}

/** What the command names, or works on, does not exist. */
export function notThere(message: string): CommandFailure {
  return new CommandFailure(EXIT_CODES.notThere, message);
}
