import { InvalidInputError } from "../core/problem.ts";
import type { HostFile } from "../host/file-set.ts";
import { BastionDirectory } from "./bastion-directory.ts";
import { whileLocked } from "./host-lock.ts";
import { ensureLoginUsers, removeLoginUsers } from "./login-users.ts";
import { hasUnknown, type Properties, secret } from "./property-values.ts";
import type { ResourceKind } from "./resource-kind.ts";
import { probe } from "./sshd-probe.ts";
import { Supervisor } from "./supervisor.ts";

/** Inputs of the resource `reverse-bastion:local:Sshd`. */
interface LocalSshdInputs {
  readonly directory: string;
  readonly python: string;
  readonly tunnelUser: string;
  readonly consumerUser: string;
  /** Address at which this machine reaches its own sshd. */
  readonly probeAddress: string;
  readonly sshPort: number;
  readonly files: readonly HostFile[];
  /** Files with host keys. Secret. */
  readonly secretFiles: readonly HostFile[];
  /** What goes into the mailbox. */
  readonly keySet: string;
}

/** Changes of these need another bastion; the rest is done while tunnels are open. */
const REPLACES = ["directory", "tunnelUser", "consumerUser"] as const;

const USERS_LOCK = "/run/pulumi-reverse-bastion-users.lock";

/** sshd as a process of this machine, with its files. */
export const localSshdKind: ResourceKind = {
  diff(state, inputs) {
    const changedKeys = Object.keys(inputs).filter(
      (key) => hasUnknown(inputs[key]) || JSON.stringify(inputs[key]) !== JSON.stringify(state[key]),
    );
    const replaces = REPLACES.filter((key) => changedKeys.includes(key));
    return { changed: changedKeys.length > 0 || state.running !== true, replaces, deleteBeforeReplace: true };
  },

  async create(properties) {
    const inputs = properties as unknown as LocalSshdInputs;
    await refuseForeignBastion(inputs);
    await bringUp(inputs);
    return { id: inputs.directory, state: stateOf(properties) };
  },

  async read(state) {
    const { directory, probeAddress, sshPort } = state as unknown as LocalSshdInputs;
    const files = new BastionDirectory(directory, undefined);
    const isUp = (await new Supervisor(files).pid()) !== undefined && (await probe(probeAddress, sshPort)) === "sshd";
    return stateOf({ ...state, running: isUp });
  },

  async update(state, properties) {
    const former = (state as unknown as LocalSshdInputs).secretFiles.map(({ path }) => path);
    await bringUp(properties as unknown as LocalSshdInputs, former);
    return stateOf(properties);
  },

  async delete(state) {
    const { directory, tunnelUser, consumerUser } = state as unknown as LocalSshdInputs;
    const files = new BastionDirectory(directory, undefined);
    await new Supervisor(files).stop();
    await files.remove();
    if (isRoot()) await whileLocked(USERS_LOCK, () => removeLoginUsers(consumerUser, tunnelUser));
  },
};

/**
 * Two stacks of one name, in two backends, would have the same folder. Host keys tell whose bastion runs there: after
 * an interrupted deployment they are ours, since they were in state before.
 */
async function refuseForeignBastion({ directory, secretFiles }: LocalSshdInputs): Promise<void> {
  const files = new BastionDirectory(directory, undefined);
  if ((await new Supervisor(files).pid()) === undefined) return;
  for (const { path, content } of secretFiles)
    if ((await files.read(path)) !== content)
      throw new InvalidInputError([
        {
          path: "directory",
          reason: `the bastion of another stack is running in ${directory}; destroy it there, or give this one a folder of its own (local.directory)`,
        },
      ]);
}

/**
 * Makes the machine what the inputs say, from whatever it is now: also after an interrupted or a lost deployment. The
 * lock keeps another bastion's removal from taking the login users away before the first process runs as them.
 *
 * @param formerSecretFiles paths of files that were there before. A host key that is no longer needed leaves the disk.
 */
async function bringUp(inputs: LocalSshdInputs, formerSecretFiles: readonly string[] = []): Promise<void> {
  const start = () => startOrReload(inputs, formerSecretFiles);
  const supervisor = isRoot() ? await whileLocked(USERS_LOCK, start) : await start();
  await supervisor.waitUntilInForce(inputs.keySet, inputs.probeAddress, inputs.sshPort);
}

async function startOrReload(inputs: LocalSshdInputs, formerSecretFiles: readonly string[]): Promise<Supervisor> {
  const account = isRoot() ? await ensureLoginUsers(inputs.tunnelUser, inputs.consumerUser) : undefined;
  const directory = new BastionDirectory(inputs.directory, account);
  const supervisor = new Supervisor(directory);
  const isRunning = (await supervisor.pid()) !== undefined;
  if (!isRunning && (await probe(inputs.probeAddress, inputs.sshPort)) !== "nothing") throw portTaken(inputs);

  const present = new Set(inputs.secretFiles.map(({ path }) => path));
  const changed = [
    ...(await directory.write([...inputs.files, ...inputs.secretFiles])),
    ...(await directory.removeFiles(formerSecretFiles.filter((path) => !present.has(path)))),
  ];
  await directory.write([{ path: "mailbox/key-set.json", mode: 0o600, content: inputs.keySet }]);
  if (!isRunning) await supervisor.start(inputs.python, account);
  else if (changed.length > 0) await supervisor.reload();
  return supervisor;
}

function stateOf(properties: Properties): Properties {
  return { running: true, ...properties, secretFiles: secret(properties.secretFiles) };
}

function portTaken({ probeAddress, sshPort }: LocalSshdInputs): InvalidInputError {
  const reason = `port ${sshPort} of ${probeAddress} is taken by another program of this machine; set sshPort to a free one, or end that program`;
  return new InvalidInputError([{ path: "sshPort", reason }]);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
