import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer, text } from "node:stream/consumers";

export interface RunProgramOptions {
  /** What it reads from standard input: the way for a secret, since arguments and environment can be seen by others. */
  readonly input: string;
  /** What its environment has beside ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends it, and throws its reason. */
  readonly interruption: AbortSignal;
}

/** What a program that has ended printed. */
export interface EndedProgram {
  readonly succeeded: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. `undefined` where there is no such program. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { input, env, interruption }: RunProgramOptions,
): Promise<EndedProgram | undefined> {
  interruption.throwIfAborted();
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: "pipe", signal: interruption });
  // It may end before it has read everything; how it ended says why.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  try {
    const [[exitCode], stdout, stderr] = await Promise.all([once(child, "close"), buffer(child.stdout), text(child.stderr)]);
    interruption.throwIfAborted();
    return { succeeded: exitCode === 0, stdout: stdout.toString(), stderr };
  } catch (error) {
    interruption.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
