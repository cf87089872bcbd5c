import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SshEndpoint } from "../../../components/core/known-hosts.ts";
import { makeKey } from "../../support/openssh.ts";
import type { Example } from "./example.ts";
import { endOf } from "./processes.ts";
import { isRoot, type Site } from "./site.ts";

/** An sshd with the settings it has where nobody has changed any. */
export interface StockSshd extends SshEndpoint {
  readonly user: string;
  /** As in a `.pub` file. */
  readonly hostKey: string;
}

const SSH_PORT = 2299;

/**
 * Starts it: the same program as the bastion's, as the same user, since without root an sshd can log in nobody else.
 *
 * @param publicKey of the client that may log in.
 */
export async function startStockSshd(site: Site, { directory, outputs }: Example, publicKey: string): Promise<StockSshd> {
  const folder = join(site.folder, "stock-sshd");
  mkdirSync(folder);
  const hostKey = makeKey(folder, "ed25519");
  writeFileSync(join(folder, "authorized_keys"), publicKey);
  writeFileSync(join(folder, "sshd_config"), renderConfig(hostKey.path, join(folder, "authorized_keys")));
  if (isRoot) execFileSync("chown", ["-R", outputs.user, folder]);

  const { sshd } = JSON.parse(readFileSync(join(directory, "etc/bastion.json"), "utf8")) as { sshd: string };
  const asUser = isRoot ? ["setpriv", "--reuid", outputs.user, "--regid", outputs.user, "--clear-groups"] : [];
  const [program = "", ...args] = [...asUser, sshd, "-D", "-e", "-f", join(folder, "sshd_config")];
  const server = site.network.start(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  site.onClose(() => endOf(server));
  // What it says first is that it listens.
  await Promise.race([once(server.stderr as NodeJS.ReadableStream, "data"), once(server, "exit")]);
  server.stderr?.resume();
  return { host: "127.0.0.1", sshPort: SSH_PORT, user: outputs.user, hostKey: hostKey.publicKey };
}

/** Strict modes are off only because the files lie in a temporary folder; they matter at a login, not after it. */
function renderConfig(hostKeyFile: string, authorizedKeysFile: string): string {
  return `Port ${SSH_PORT}
HostKey ${hostKeyFile}
AuthorizedKeysFile ${authorizedKeysFile}
StrictModes no
UsePAM no
PidFile none
GatewayPorts clientspecified
`;
}
