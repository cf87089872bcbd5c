import type { Container, Pod } from "../api/pod.ts";

const POD_FIELDS = ["hostNetwork", "hostPID", "hostIPC", "hostAliases", "dnsConfig", "shareProcessNamespace"];
const CONTAINER_FIELDS = ["lifecycle", "volumeDevices"];
/** One that restarts is a sidecar, which goes on while the others run. */
const INIT_CONTAINER_FIELDS = [...CONTAINER_FIELDS, "restartPolicy"];
const VOLUME_KINDS = new Set(["name", "configMap", "secret", "projected", "downwardAPI", "emptyDir"]);

/** What a pod asks for that this node cannot do. A real one could: the pod is refused rather than run as something else. */
export function unsupportedIn({ spec }: Pod): string[] {
  return [
    ...POD_FIELDS.filter((field) => isAskedFor(spec[field])),
    ...(spec.initContainers ?? []).flatMap((container) => unsupportedInContainer("initContainers", container, INIT_CONTAINER_FIELDS)),
    ...spec.containers.flatMap((container) => unsupportedInContainer("containers", container, CONTAINER_FIELDS)),
    ...(spec.volumes ?? []).flatMap((volume) =>
      Object.keys(volume)
        .filter((kind) => !VOLUME_KINDS.has(kind))
        .map((kind) => `volumes.${volume.name}.${kind}`),
    ),
  ];
}

function unsupportedInContainer(list: string, container: Container, fields: readonly string[]): string[] {
  return [
    ...fields.filter((field) => isAskedFor(container[field])).map((field) => `${list}.${container.name}.${field}`),
    ...(container.securityContext?.privileged ? [`${list}.${container.name}.securityContext.privileged`] : []),
  ];
}

function isAskedFor(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
