import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Network, PLATFORM } from "./network.ts";
import { PATIENCE_SECONDS, waitUntil } from "./wait.ts";

const PROGRAMS = join(import.meta.dirname, "programs");

/** Starts an echo server inside the network and waits until it listens. */
export async function startEchoServer(network: Network, host: string, port: number, prefix = ""): Promise<ChildProcess> {
  return startUntilReady(network, "echo-server.ts", host, `${port}`, prefix);
}

/** What a connection meets: `refused`, `timeout`, `reset`, `closed`, or `answered …`. */
export async function connectTo(network: Network, host: string, port: number, bytes = "", from: string = PLATFORM): Promise<string> {
  return (await network.run("node", [join(PROGRAMS, "connect.ts"), from, host, `${port}`, bytes])).stdout;
}

/** Waits until a bind port gives back what is sent, through its tunnel and an echo server. */
export async function waitForEcho(network: Network, host: string, port: number, limitSeconds = PATIENCE_SECONDS): Promise<void> {
  await waitUntil(
    `an echo at ${host}:${port}`,
    async () => (await connectTo(network, host, port, "ping")).startsWith("answered"),
    limitSeconds,
  );
}

/** Asks a PostgreSQL server something; rows, or the error's code. */
export async function query(network: Network, host: string, port: number, sql: string): Promise<unknown> {
  const { exitCode, stdout } = await network.attempt("node", [join(PROGRAMS, "query.ts"), PLATFORM, host, `${port}`, sql]);
  return exitCode === 0 ? (JSON.parse(stdout) as unknown) : stdout;
}

/** What came of a stream that was kept open. */
export interface StreamResult {
  readonly sent: number;
  readonly received: number;
  readonly identical: boolean;
  readonly failure?: string;
}

/** A consumer that sends and receives without a pause, and knows whether a byte got lost. */
export class ChecksummedStream {
  readonly #process: ChildProcess;
  #printed = "";

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.stdout?.on("data", (data: Buffer) => {
      this.#printed += data.toString();
    });
  }

  static async start(network: Network, host: string, port: number): Promise<ChecksummedStream> {
    return new ChecksummedStream(await startUntilReady(network, "stream.ts", PLATFORM, host, `${port}`));
  }

  async finish(): Promise<StreamResult> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
    return JSON.parse(this.#printed) as StreamResult;
  }
}

async function startUntilReady(network: Network, program: string, ...args: readonly string[]): Promise<ChildProcess> {
  const child = network.start("node", [join(PROGRAMS, program), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout as NodeJS.ReadableStream, "data");
  return child;
}
