import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Network } from "./network.ts";
import { waitUntil } from "./wait.ts";

/** The user PostgreSQL runs as: it refuses root. */
const USER = "postgres";

/** A real PostgreSQL server inside a test's network. */
export class Postgres {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(network: Network, port: number): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), "postgres-"));
    execFileSync("chown", [USER, folder]);
    const as = (program: string, ...args: readonly string[]) =>
      ["setpriv", "--reuid", USER, "--clear-groups", findProgram(program), ...args] as const;
    const [setpriv, ...initdb] = as("initdb", "--auth=trust", "--username=postgres", "--no-sync", "--pgdata", join(folder, "data"));
    await network.run(setpriv, initdb);
    const settings = [
      "-c",
      "listen_addresses=127.0.0.1",
      "-c",
      `port=${port}`,
      "-c",
      `unix_socket_directories=${folder}`,
      "-c",
      "fsync=off",
    ];
    network.start(setpriv, as("postgres", "-D", join(folder, "data"), ...settings).slice(1), { stdio: "ignore" });
    await waitUntil("PostgreSQL to accept connections", async () => {
      const { exitCode } = await network.attempt(findProgram("pg_isready"), ["-h", "127.0.0.1", "-p", `${port}`]);
      return exitCode === 0;
    });
    return new Postgres(folder);
  }

  /** Removes its data; the process ends with the network. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function findProgram(name: string): string {
  const folders = [...globSync("/usr/lib/postgresql/*/bin"), ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders.map((folder) => join(folder, name)).find(existsSync);
  if (found === undefined) throw new Error(`this machine has no ${name}; install the package postgresql`);
  return found;
}
