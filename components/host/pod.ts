import type { Bastion } from "../core/bastion.ts";
import type { CidrBlock } from "../core/cidr.ts";
import { HostImage, opensshOf } from "../core/host-image.ts";
import { renderLabelSelector, type Workloads } from "../core/kubernetes/workloads.ts";
import { type JumpSettings, renderStandaloneSshdConfig } from "../core/sshd-config.ts";
import { CONFIGURATION_FOLDER } from "./directory.ts";

/** Folder that holds everything of the bastion in a pod. In memory: whatever has to stay is mounted into it. */
export const POD_DIRECTORY = "/var/lib/reverse-bastion";
/** User and group that sshd runs as. Without root it can log in no other, so both login users have this id. */
export const POD_USER_ID = 10001;

/** Below {@link POD_DIRECTORY}: where the configuration and the host keys are mounted, where the key set is, and the way to the API server. */
export const PodFolder = { Configuration: CONFIGURATION_FOLDER, Mailbox: "mailbox", Api: "api" } as const;

/** Below {@link POD_DIRECTORY}: the names of workload pods. In the container it is `/etc/hosts`, since the pod asks no DNS. */
export const HOSTS_FILE = "hosts";

/** Files of {@link PodFolder.Api}, as the programs look for them. */
export const ApiFile = { Token: "token", Authority: "ca.crt" } as const;

/** Names that a key set may have in the mailbox: as it is, or compressed by gzip. There is one at a time. */
export const KeySetFile = { Plain: "key-set.json", Packed: "key-set.json.gz" } as const;

/** Programs of the image that a node runs, beside the first process of the container. */
export const PodProgram = {
  /** Whether sshd greets: the bare port also accepts whom sshd sends away. */
  Ready: "ready.py",
  /** Whether the supervisor is at work. */
  Alive: "alive.py",
  /** Makes the {@link HOSTS_FILE}, which has to be there before it can be mounted. */
  HostsFile: "hosts_file.py",
} as const;
export type PodProgram = (typeof PodProgram)[keyof typeof PodProgram];

const PYTHON = ["/usr/bin/python3", "-I", "-S"];
/** Where the image has its programs. */
const PROGRAMS = "/usr/lib/reverse-bastion";
/** In {@link PodFolder.Configuration}: which pods are looked at, and where their keys are. */
const WORKLOADS_FILE = "workloads.json";

/** The command that runs a program of the image. */
export function podCommand(program: PodProgram): string[] {
  return [...PYTHON, `${PROGRAMS}/bastion_pod/${program}`];
}

/** The command that looks at all workload pods anew, and says what it has found. */
export const REFRESH_COMMAND: readonly string[] = [...PYTHON, `${PROGRAMS}/bastion_workloads/refresh.py`];

/** What the files of a pod depend on, beside the bastion. */
export interface PodOptions {
  /** Blocks that sshd itself lets log in: what it sees of a client may be the address of a proxy. */
  readonly allowedSources: readonly CidrBlock[];
  /** Sources that are never penalised. */
  readonly penaltyExemptCidrs: readonly CidrBlock[];
  /** Workload pods whose users' keys are discovered. */
  readonly workloads?: Workloads | undefined;
}

/** The configuration of a bastion in a pod. Its programs are in the image. */
export interface PodFiles {
  /** Files of {@link PodFolder.Configuration}, by their names. */
  readonly configuration: Readonly<Record<string, string>>;
  /** Files that stand for the image's own in `/etc`, by their names. */
  readonly accounts: Readonly<Record<string, string>>;
}

/** The host file set of a pod. It changes with neither keys nor tunnels, and holds no secret. */
export function renderPod(bastion: Bastion, options: PodOptions): PodFiles {
  const { workloads } = options;
  const users = [bastion.tunnelUser, bastion.consumerUser];
  const settings = {
    directory: POD_DIRECTORY,
    sshd: "/usr/sbin/sshd",
    sshKeygen: "/usr/bin/ssh-keygen",
    sshPort: bastion.sshPort,
    statusPort: bastion.statusPort,
    users,
  };
  return {
    configuration: {
      sshd_config: renderSshdConfig(bastion, options),
      "bastion.json": renderJson(settings),
      ...(workloads === undefined ? {} : { [WORKLOADS_FILE]: renderJson(workloadSettings(workloads)) }),
    },
    accounts: {
      passwd: renderPasswd([...users, ...(workloads === undefined ? [] : [workloads.user])]),
      group: `root:x:0:\n${bastion.tunnelUser}:x:${POD_USER_ID}:\n`,
    },
  };
}

/** No home, no shell and no password; and not locked, since sshd without PAM refuses a locked account. */
function renderPasswd(users: readonly string[]): string {
  const accounts = users.map((user) => `${user}:*:${POD_USER_ID}:${POD_USER_ID}::/nonexistent:/usr/sbin/nologin\n`);
  return ["root:*:0:0:root:/root:/usr/sbin/nologin\n", ...accounts].join("");
}

/** What the programs that discover keys go by. */
function workloadSettings(workloads: Workloads): object {
  const { user, namespaces, podLabels, sshPorts, keySource, annotation, dataKey, httpPort, httpPath } = workloads;
  return { user, namespaces, labelSelector: renderLabelSelector(podLabels), sshPorts, keySource, annotation, dataKey, httpPort, httpPath };
}

function renderSshdConfig(bastion: Bastion, { allowedSources, penaltyExemptCidrs, workloads }: PodOptions): string {
  return renderStandaloneSshdConfig({
    version: opensshOf(HostImage.Debian13),
    sshPort: bastion.sshPort,
    users: { tunnel: bastion.tunnelUser, consumer: bastion.consumerUser },
    jump: workloads === undefined ? undefined : jumpSettings(workloads),
    hostKeysFile: `${POD_DIRECTORY}/live/host-keys.conf`,
    authorizedKeysCommand: keysCommand("bastion_host/authorized_keys_command.py", "bastion.json"),
    authorizedKeysCommandUser: bastion.tunnelUser,
    permitDirectory: `${POD_DIRECTORY}/live/sshd`,
    allowedSources,
    penaltyExemptCidrs,
    legacyCiphers: bastion.legacyCiphers,
  });
}

function jumpSettings({ user, sshPorts }: Workloads): JumpSettings {
  return { user, authorizedKeysCommand: keysCommand("bastion_workloads/keys_command.py", WORKLOADS_FILE), ports: sshPorts };
}

/** The command by which sshd asks a program for the keys of a user. */
function keysCommand(program: string, settingsFile: string): string {
  const words = [...PYTHON, `${PROGRAMS}/${program}`, `${POD_DIRECTORY}/${PodFolder.Configuration}/${settingsFile}`];
  return [...words, "%u", "%t", "%k", "%f"].join(" ");
}

function renderJson(settings: object): string {
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}
