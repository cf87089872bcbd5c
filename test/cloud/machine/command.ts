import { type ExecFileOptions, execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs a program to its end and gives what it printed; throws when it fails. */
export async function run(program: string, args: readonly string[], options: ExecFileOptions = {}): Promise<string> {
  return String((await execute(program, [...args], options)).stdout);
}

/** Runs a program with something on its standard input. */
export async function feed(program: string, args: readonly string[], input: string): Promise<void> {
  const finished = execute(program, [...args]);
  finished.child.stdin?.end(input);
  await finished;
}
