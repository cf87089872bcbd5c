import { spawn } from "node:child_process";
import { once } from "node:events";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

/** The engine has been run, and has not done what it was asked for. */
export class EngineRunError extends Error {
  override readonly name = "EngineRunError";
  readonly exitCode: number | null;

  constructor(exitCode: number | null, stdout: string, stderr: string) {
    super(`${stdout}\n${stderr}`);
    this.exitCode = exitCode;
  }
}

type Run = (
  args: string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  onOutput?: (text: string) => void,
  onError?: (text: string) => void,
  signal?: AbortSignal,
) => Promise<unknown>;

/** How long after a Ctrl-C another one is meant: npm hands on at once what the terminal has sent already. */
const SECOND_THOUGHT_MS = 1000;

/**
 * The engine's CLI, run out of the reach of the terminal's Ctrl-C: a second signal would cut off the step that runs.
 * So the first is handed on once, after which the engine lets that step end; another one, later, cuts it off.
 */
export async function cancellableEngine(): Promise<PulumiCommand> {
  const engine = await PulumiCommand.get();
  const { run: runOf } = engine as unknown as { readonly run: Run };
  const run: Run = (args, cwd, env, onOutput, onError, signal) =>
    signal === undefined
      ? runOf.call(engine, args, cwd, env, onOutput, onError)
      : runDetached(engine.command, [...args, "--non-interactive"], { cwd, env, signal });
  return Object.create(engine, { run: { value: run } }) as PulumiCommand;
}

interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

async function runDetached(command: string, args: readonly string[], { cwd, env, signal }: RunOptions): Promise<unknown> {
  signal.throwIfAborted();
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env, PULUMI_AUTOMATION_API: "true" },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  let cancelledAtMs: number | undefined;
  const cancel = () => {
    const isSame = cancelledAtMs !== undefined && performance.now() - cancelledAtMs < SECOND_THOUGHT_MS;
    if (isSame) return;
    cancelledAtMs = performance.now();
    child.kill("SIGINT");
  };
  const insist = () => {
    if (signal.aborted) cancel();
  };
  signal.addEventListener("abort", cancel);
  process.on("SIGINT", insist);
  try {
    const [exitCode] = (await once(child, "close")) as [number | null];
    if (exitCode !== 0) throw new EngineRunError(exitCode, stdout(), stderr());
    return { stdout: stdout(), stderr: stderr(), code: exitCode };
  } finally {
    signal.removeEventListener("abort", cancel);
    process.off("SIGINT", insist);
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const pieces: string[] = [];
  stream.setEncoding("utf8").on("data", (piece: string) => pieces.push(piece));
  return () => pieces.join("");
}
