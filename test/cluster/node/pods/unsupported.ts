import type { Pod } from "../api/pod.ts";

const POD_FIELDS = ["initContainers", "hostNetwork", "hostPID", "hostIPC", "hostAliases", "dnsConfig", "shareProcessNamespace"];
const CONTAINER_FIELDS = ["lifecycle", "volumeDevices"];
const VOLUME_KINDS = new Set(["name", "configMap", "secret", "projected", "downwardAPI", "emptyDir"]);

/** What a pod asks for that this node cannot do. A real one could: the pod is refused rather than run as something else. */
export function unsupportedIn({ spec }: Pod): string[] {
  return [
    ...POD_FIELDS.filter((field) => isAskedFor(spec[field])),
    ...spec.containers.flatMap((container) => [
      ...CONTAINER_FIELDS.filter((field) => isAskedFor(container[field])).map((field) => `containers.${container.name}.${field}`),
      ...(container.securityContext?.privileged ? [`containers.${container.name}.securityContext.privileged`] : []),
    ]),
    ...(spec.volumes ?? []).flatMap((volume) =>
      Object.keys(volume)
        .filter((kind) => !VOLUME_KINDS.has(kind))
        .map((kind) => `volumes.${volume.name}.${kind}`),
    ),
  ];
}

function isAskedFor(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
