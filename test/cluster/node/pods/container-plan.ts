import type { Container, Pod } from "../api/pod.ts";
import type { VolumeContents } from "../volumes/volume-files.ts";
import { type EnvironmentPlaces, environmentOf, expand } from "./environment.ts";
import type { NodeImage } from "./image.ts";

/** What a container is to be, as `container/plan.py` reads it. */
export interface ContainerPlan {
  readonly image: string;
  /** File of its network namespace. */
  readonly network: string;
  readonly hostname: string;
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly isRootReadOnly: boolean;
  readonly mounts: readonly PlannedMount[];
  readonly rights: ContainerRights;
}

export interface PlannedMount {
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

export interface ContainerRights {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly seccomp: boolean;
}

/** A container that is not started, for a reason that its pod's author has to know. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** What runtimes leave to a container that asks for nothing. */
const DEFAULT_CAPABILITIES = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

/** Decides what a container is to be. Throws `NotThereYet` and `ConfigurationError`. */
export function planContainer(
  pod: Pod,
  container: Container,
  image: NodeImage,
  contents: VolumeContents,
  places: EnvironmentPlaces & { readonly network: string; readonly mounts: readonly PlannedMount[] },
): ContainerPlan {
  const environment = environmentOf(container, image, places, contents);
  const entrypoint = container.command ?? image.entrypoint ?? [];
  const args = container.args ?? (container.command === undefined ? (image.command ?? []) : []);
  const command = [...entrypoint, ...args].map((part) => expand(part, environment));
  if (command.length === 0) throw new ConfigurationError("no command specified");
  return {
    image: image.root,
    network: places.network,
    hostname: places.hostname,
    command,
    workingDirectory: container.workingDir ?? image.workingDirectory ?? "/",
    environment,
    isRootReadOnly: container.securityContext?.readOnlyRootFilesystem ?? false,
    mounts: places.mounts,
    rights: rightsOf(pod, container, image),
  };
}

function rightsOf(pod: Pod, container: Container, image: NodeImage): ContainerRights {
  const { fsGroup, supplementalGroups = [], ...ofPod } = pod.spec.securityContext ?? {};
  const { capabilities, ...own } = container.securityContext ?? {};
  const wanted = { ...ofPod, ...own };
  const [imageUser, imageGroup] = (image.user ?? "0").split(":").map(Number) as [number, number | undefined];
  const uid = wanted.runAsUser ?? imageUser;
  if (wanted.runAsNonRoot && uid === 0) throw new ConfigurationError(rootRefusal(pod, container, wanted.runAsUser));
  const gid = wanted.runAsGroup ?? imageGroup ?? 0;
  return {
    uid,
    gid,
    groups: [...new Set([gid, ...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups])],
    capabilities: capabilitiesOf(capabilities ?? {}),
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    seccomp: wanted.seccompProfile?.type === "RuntimeDefault",
  };
}

function rootRefusal(pod: Pod, container: Container, runAsUser: number | undefined): string {
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  return runAsUser === 0
    ? `container's runAsUser breaks non-root policy ${where}`
    : `container has runAsNonRoot and image will run as root ${where}`;
}

function capabilitiesOf({ add = [], drop = [] }: { readonly add?: readonly string[]; readonly drop?: readonly string[] }): string[] {
  const names = (list: readonly string[]) => list.map((name) => name.toUpperCase().replace(/^CAP_/, ""));
  const dropped = new Set(names(drop));
  const kept = dropped.has("ALL") ? [] : DEFAULT_CAPABILITIES.filter((name) => !dropped.has(name));
  return [...new Set([...kept, ...names(add)])].sort();
}
