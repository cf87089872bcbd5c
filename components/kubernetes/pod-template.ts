import type { types } from "@pulumi/kubernetes";
import { isPinned } from "../core/kubernetes/container-image.ts";
import { resourcesOf } from "../core/kubernetes/pod-placement.ts";
import { ApiFile, HOSTS_FILE, POD_DIRECTORY, POD_USER_ID, PodFolder, PodProgram, podCommand } from "../host/pod.ts";
import type { Configuration } from "./configuration.ts";
import type { KubernetesScope } from "./kubernetes-scope.ts";

type Container = types.input.core.v1.Container;
type VolumeMount = types.input.core.v1.VolumeMount;

/** Long enough for the supervisor to say goodbye; the tunnels end with the pod's network anyway. */
const GRACE_SECONDS = 10;
/** What the pod writes: key sets, what is in force, who is connected. It counts against the limit of memory. */
const DIRECTORY_SIZE = "64Mi";
/** Readable for the group alone, which is the volume's `fsGroup`: sshd refuses a host key of its own that others could read. */
const GROUP_READABLE = 0o440;
const READABLE = 0o444;
/** A node renews the token long before it ends, and the programs read it at each use. */
const TOKEN_SECONDS = 3600;

const DIRECTORY_MOUNT: VolumeMount = { name: "directory", mountPath: POD_DIRECTORY };
const WORKLOAD_MOUNTS: readonly VolumeMount[] = [
  // A node leaves /etc/hosts alone where something is mounted. The programs write the same file in the directory.
  { name: "directory", mountPath: "/etc/hosts", subPath: HOSTS_FILE, readOnly: true },
  { name: "api", mountPath: `${POD_DIRECTORY}/${PodFolder.Api}`, readOnly: true },
];

/** The way to the API server, which no other container of the pod gets: the token is this volume's alone. */
const API_VOLUME: types.input.core.v1.Volume = {
  name: "api",
  projected: {
    defaultMode: GROUP_READABLE,
    sources: [
      { serviceAccountToken: { path: ApiFile.Token, expirationSeconds: TOKEN_SECONDS } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: ApiFile.Authority }] } },
    ],
  },
};

/** The pod of a bastion: what *restricted* Pod Security asks for, and a root file system that nothing can write to. */
export function podTemplate(scope: KubernetesScope, configuration: Configuration): types.input.core.v1.PodTemplateSpec {
  const { spec, names, labels, workloads } = scope;
  const bastion = container(scope, configuration);
  return {
    metadata: { labels, ...(spec.annotations === undefined ? {} : { annotations: spec.annotations }) },
    spec: {
      serviceAccountName: names.bastion,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: GRACE_SECONDS,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: POD_USER_ID,
        runAsGroup: POD_USER_ID,
        fsGroup: POD_USER_ID,
        seccompProfile: { type: "RuntimeDefault" },
      },
      nodeSelector: { "kubernetes.io/os": "linux", ...spec.nodeSelector },
      ...(spec.imagePullSecrets === undefined ? {} : { imagePullSecrets: spec.imagePullSecrets.map((name) => ({ name })) }),
      ...(spec.priorityClassName === undefined ? {} : { priorityClassName: spec.priorityClassName }),
      ...(spec.tolerations === undefined ? {} : { tolerations: [...spec.tolerations] }),
      ...(workloads === undefined ? {} : { initContainers: [hostsContainer(bastion)] }),
      containers: [bastion],
      volumes: volumes(scope, configuration),
    },
  };
}

function container({ bastion, spec, workloads }: KubernetesScope, { accountFiles }: Configuration): Container {
  return {
    name: "bastion",
    image: spec.image,
    imagePullPolicy: isPinned(spec.image) ? "IfNotPresent" : "Always",
    ports: [{ name: "ssh", containerPort: bastion.sshPort, protocol: "TCP" }],
    resources: resourcesOf(spec.resources),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    startupProbe: { ...probe(PodProgram.Ready), periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...probe(PodProgram.Ready), periodSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...probe(PodProgram.Alive), periodSeconds: 10, failureThreshold: 6 },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      DIRECTORY_MOUNT,
      { name: "configuration", mountPath: `${POD_DIRECTORY}/${PodFolder.Configuration}`, readOnly: true },
      { name: "mailbox", mountPath: `${POD_DIRECTORY}/${PodFolder.Mailbox}`, readOnly: true },
      ...accountFiles.map((file) => ({ name: "accounts", mountPath: `/etc/${file}`, subPath: file, readOnly: true })),
      ...(workloads === undefined ? [] : WORKLOAD_MOUNTS),
    ],
  };
}

/** Makes the file that the bastion's container has at `/etc/hosts`: one that does not exist cannot be mounted. */
function hostsContainer({ image, imagePullPolicy, resources, securityContext, terminationMessagePolicy }: Container): Container {
  return {
    name: "hosts",
    image,
    imagePullPolicy,
    command: podCommand(PodProgram.HostsFile),
    resources,
    securityContext,
    terminationMessagePolicy,
    volumeMounts: [DIRECTORY_MOUNT],
  };
}

function probe(program: PodProgram): types.input.core.v1.Probe {
  return { exec: { command: podCommand(program) }, timeoutSeconds: 5 };
}

function volumes({ names, workloads }: KubernetesScope, configuration: Configuration): types.input.core.v1.Volume[] {
  const { configMapName, files, accountFiles } = configuration;
  const items = (keys: readonly string[]) => keys.map((key) => ({ key, path: key }));
  return [
    { name: "directory", emptyDir: { medium: "Memory", sizeLimit: DIRECTORY_SIZE } },
    {
      name: "configuration",
      projected: {
        defaultMode: GROUP_READABLE,
        // The host keys by their plain name, for the same reason as the mailbox.
        sources: [{ configMap: { name: configMapName, items: items(files) } }, { secret: { name: names.hostKeys } }],
      },
    },
    { name: "accounts", configMap: { name: configMapName, defaultMode: READABLE, items: items(accountFiles) } },
    // By its plain name: were it the ConfigMap's output, each change of a key would be a change of the pod.
    { name: "mailbox", configMap: { name: names.keySet, defaultMode: READABLE } },
    ...(workloads === undefined ? [] : [API_VOLUME]),
  ];
}
