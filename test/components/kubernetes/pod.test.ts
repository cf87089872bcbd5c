import type { types } from "@pulumi/kubernetes";
import { describe, expect, test } from "vitest";
import type { KubernetesBastionArgs } from "../../../components/kubernetes/kubernetes-bastion.ts";
import { EXPOSED, IMAGE, inputsOf, LABELS, NAMESPACE, up } from "../../support/kubernetes-bastion.ts";
import { resourceIn } from "../../support/registered.ts";

type DeploymentSpec = types.output.apps.v1.DeploymentSpec;

const deploymentOf = async (args: Partial<KubernetesBastionArgs> = {}) =>
  (await inputsOf("acme-deployment", args)).spec as unknown as DeploymentSpec;
const podOf = async (args: Partial<KubernetesBastionArgs> = {}) => (await deploymentOf(args)).template.spec;
const containerOf = async (args: Partial<KubernetesBastionArgs> = {}) =>
  (await podOf(args)).containers[0] as types.output.core.v1.Container;

const program = (file: string) => ({
  exec: { command: ["/usr/bin/python3", "-I", "-S", `/usr/lib/reverse-bastion/bastion_pod/${file}`] },
  timeoutSeconds: 5,
});

test("there is one pod at a time, also while it is exchanged", async () => {
  const { template: _template, ...deployment } = await deploymentOf();
  expect(deployment).toEqual({
    replicas: 1,
    strategy: { type: "Recreate" },
    revisionHistoryLimit: 0,
    selector: { matchLabels: LABELS },
  });
});

test("this is the pod, whole", async () => {
  const { containers, volumes, ...pod } = await podOf();
  expect(pod).toEqual({
    serviceAccountName: "acme-bastion",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 10,
    nodeSelector: { "kubernetes.io/os": "linux" },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      fsGroup: 10001,
      seccompProfile: { type: "RuntimeDefault" },
    },
  });
  expect(containers).toEqual([
    {
      name: "bastion",
      image: IMAGE,
      imagePullPolicy: "IfNotPresent",
      ports: [{ name: "ssh", containerPort: 2222, protocol: "TCP" }],
      resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
      startupProbe: { ...program("ready.py"), periodSeconds: 1, failureThreshold: 60 },
      readinessProbe: { ...program("ready.py"), periodSeconds: 5, failureThreshold: 3 },
      livenessProbe: { ...program("alive.py"), periodSeconds: 10, failureThreshold: 6 },
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: [
        { name: "directory", mountPath: "/var/lib/reverse-bastion" },
        { name: "configuration", mountPath: "/var/lib/reverse-bastion/etc", readOnly: true },
        { name: "mailbox", mountPath: "/var/lib/reverse-bastion/mailbox", readOnly: true },
        { name: "accounts", mountPath: "/etc/passwd", subPath: "passwd", readOnly: true },
        { name: "accounts", mountPath: "/etc/group", subPath: "group", readOnly: true },
      ],
    },
  ]);
  const configMap = expect.stringMatching(/^acme-config-[0-9a-f]{8}$/);
  const items = (...keys: string[]) => keys.map((key) => ({ key, path: key }));
  expect(volumes).toEqual([
    { name: "directory", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
    {
      name: "configuration",
      projected: {
        defaultMode: 0o440,
        sources: [
          { configMap: { name: configMap, items: items("sshd_config", "bastion.json") } },
          { secret: { name: "acme-bastion-host-keys" } },
        ],
      },
    },
    { name: "accounts", configMap: { name: configMap, defaultMode: 0o444, items: items("passwd", "group") } },
    { name: "mailbox", configMap: { name: "acme-bastion-key-set", defaultMode: 0o444 } },
  ]);
});

// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, field by field.
describe.each(Object.entries(EXPOSED))("restricted Pod Security, with %s", (_kind, settings) => {
  test("no namespace of the node, no path of it, no port of it", async () => {
    const pod = await podOf(settings);
    expect([pod.hostNetwork, pod.hostPID, pod.hostIPC, pod.hostUsers]).toEqual([undefined, undefined, undefined, undefined]);
    const allowed = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];
    for (const { name: _name, ...source } of pod.volumes) for (const kind of Object.keys(source)) expect(allowed).toContain(kind);
    for (const { ports } of pod.containers) for (const { hostPort } of ports) expect(hostPort).toBeUndefined();
    expect([pod.initContainers, pod.ephemeralContainers]).toEqual([undefined, undefined]);
  });

  test("no root, no privileges and no way to get them", async () => {
    const { securityContext: pod } = await podOf(settings);
    const { securityContext: container } = await containerOf(settings);
    expect([pod.runAsNonRoot, pod.runAsUser === 0, container.runAsUser, container.runAsNonRoot]).toEqual([
      true,
      false,
      undefined,
      undefined,
    ]);
    expect([container.privileged, container.allowPrivilegeEscalation]).toEqual([undefined, false]);
    expect(container.capabilities).toEqual({ drop: ["ALL"] });
    expect([pod.seccompProfile, container.seccompProfile]).toEqual([{ type: "RuntimeDefault" }, undefined]);
    expect([pod.seLinuxOptions, pod.sysctls, pod.appArmorProfile, pod.windowsOptions]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect([container.procMount, container.seLinuxOptions, container.appArmorProfile]).toEqual([undefined, undefined, undefined]);
  });

  test("and beyond it: nothing to write to but memory, and no token for the API", async () => {
    const { registered } = await up(settings);
    expect((await containerOf(settings)).securityContext.readOnlyRootFilesystem).toBe(true);
    expect((await podOf(settings)).automountServiceAccountToken).toBe(false);
    expect(resourceIn(registered, "acme-service-account").inputs).toMatchObject({ automountServiceAccountToken: false });
  });
});

test("the settings of the pod reach it", async () => {
  const args: Partial<KubernetesBastionArgs> = {
    image: "registry.example.com/reverse-bastion:1.0.0",
    allowUnpinnedImage: true,
    imagePullSecrets: ["registry"],
    resources: { requests: { memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } },
    priorityClassName: "high",
    tolerations: [{ key: "dedicated", operator: "Exists", effect: "NoSchedule" }],
    nodeSelector: { "kubernetes.io/arch": "arm64" },
    sshPort: 2200,
  };
  expect(await podOf(args)).toMatchObject({
    imagePullSecrets: [{ name: "registry" }],
    priorityClassName: "high",
    tolerations: [{ key: "dedicated", operator: "Exists", effect: "NoSchedule" }],
    nodeSelector: { "kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64" },
  });
  expect(await containerOf(args)).toMatchObject({
    image: "registry.example.com/reverse-bastion:1.0.0",
    // What a tag means may have changed since the node pulled it.
    imagePullPolicy: "Always",
    ports: [{ containerPort: 2200 }],
    resources: { requests: { cpu: "50m", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } },
  });
});

test("the budget lets a drain move the pod, unless it was asked to wait", async () => {
  const budget = (maxUnavailable: number) => ({ maxUnavailable, selector: { matchLabels: LABELS } });
  expect((await inputsOf("acme-disruption-budget")).spec).toEqual(budget(1));
  expect((await inputsOf("acme-disruption-budget", { podDisruptionBudget: { maxUnavailable: 0 } })).spec).toEqual(budget(0));
});

test("the service account is there to have no rights", async () => {
  expect(await inputsOf("acme-service-account")).toMatchObject({
    metadata: { name: "acme-bastion", namespace: NAMESPACE, labels: LABELS },
    automountServiceAccountToken: false,
  });
});

test("the pod comes after what it needs, and after the policy that protects it", async () => {
  const { options } = resourceIn((await up()).registered, "acme-deployment");
  expect(options.dependencies).toEqual([
    "kubernetes:core/v1:ConfigMap::acme-config",
    "kubernetes:core/v1:ConfigMap::acme-key-set",
    "kubernetes:core/v1:Secret::acme-host-keys",
    "kubernetes:core/v1:ServiceAccount::acme-service-account",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy::acme-network-policy",
  ]);
});
