import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Figures } from "../benchmark.ts";
import type { Site } from "./site.ts";

const PROGRAMS = join(import.meta.dirname, "../programs");

/** Starts one of the programs here and waits until it is ready. */
export async function startProgram(site: Site, program: string, ...args: readonly string[]): Promise<void> {
  const child = site.network.start(...commandOf(program, args), { stdio: ["ignore", "pipe", "inherit"] });
  site.onClose(() => endOf(child));
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), failureOf(child, program)]);
}

/** Runs one of the programs here and gives the figures it prints. */
export async function runProgram(site: Site, program: string, ...args: readonly string[]): Promise<Figures> {
  const { stdout } = await site.network.run(...commandOf(program, args), { timeout: 60_000 });
  return JSON.parse(stdout) as Figures;
}

function commandOf(program: string, args: readonly string[]): [program: string, args: string[]] {
  const file = join(PROGRAMS, program);
  return program.endsWith(".py") ? ["python3", ["-I", "-S", file, ...args]] : ["node", [file, ...args]];
}

/** Ends a process and waits until it has gone. */
export async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill();
  await ended;
}

async function failureOf(child: ChildProcess, program: string): Promise<never> {
  await once(child, "exit");
  throw new Error(`${program} ended before it was ready`);
}
