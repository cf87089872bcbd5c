import fc from "fast-check";
import { expect, test } from "vitest";
import { checkKubernetes } from "../../../components/core/kubernetes/check-kubernetes.ts";
import type { KubernetesSpec } from "../../../components/core/kubernetes/kubernetes-spec.ts";
import { anyKubernetesSpec } from "../../support/any-kubernetes-spec.ts";
import { EXPOSED, IMAGE, NAMESPACE } from "../../support/kubernetes-bastion.ts";

const LEAST: KubernetesSpec = { namespace: NAMESPACE, image: IMAGE, ...EXPOSED["load-balancer"] };

/** What is refused, as `path: reason`. */
const refused = (spec: Partial<KubernetesSpec>) =>
  checkKubernetes({ ...LEAST, ...spec }, "acme").map(({ path, reason }) => `${path}: ${reason}`);

test("a namespace, an image and an exposure are enough, and each of them is needed", () => {
  expect(refused({})).toEqual([]);
  expect(checkKubernetes({}, undefined).map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
    "namespace: is missing; name the namespace that the bastion is to stand in, which must exist",
    'image: is missing; build and push it with "sh scripts/build-image.sh", and give the reference it prints, such as "registry.example.com/reverse-bastion@sha256:…"',
    'exposure: is missing; say how clients reach sshd, such as "exposure: { kind: load-balancer, loadBalancer: { cloud: aws } }"',
  ]);
});

test("everything at once can be right", () => {
  expect(
    refused({
      ...EXPOSED["gateway-tcp-route"],
      allowUnpinnedImage: true,
      image: "reverse-bastion:1.2",
      imagePullSecrets: ["registry.example.com"],
      serviceName: "acme-tunnels",
      consumerPods: [
        { allNamespaces: true },
        { allNamespaces: true, podLabels: { "acme.example.com/reads": "orders" } },
        { namespaceLabels: { "kubernetes.io/metadata.name": "platform" }, podLabels: { app: "etl" } },
        { podLabels: { app: "etl" } },
      ],
      workloads: { namespaces: ["team-a", "team-b"], keySource: "config-map", dataKey: "keys", sshPorts: [22, 2222], user: "dev" },
      resources: { requests: { cpu: "0.1", memory: "1Gi" }, limits: { cpu: "2", memory: "1.5Gi" } },
      priorityClassName: "system-cluster-critical",
      tolerations: [{ operator: "Exists" }, { key: "dedicated", value: "ingress", effect: "NoSchedule" }],
      nodeSelector: { "kubernetes.io/arch": "arm64" },
      podDisruptionBudget: { maxUnavailable: 0 },
      labels: { team: "data", "example.com/cost-center": "" },
      annotations: { "example.com/note": "anything: at all\n" },
    }),
  ).toEqual([]);
});

// Names.

test.each(["Bastions", "a.b", "-a", "a-", "", "n".repeat(64)])("%j is no namespace", (namespace) => {
  expect(refused({ namespace })).toEqual([
    `namespace: got ${JSON.stringify(namespace.length > 60 ? `${"n".repeat(56)}` : namespace).replace(/(n{56})"/, '$1…"')}; expected 1–63 of a–z, 0–9 and "-", beginning and ending with a letter or digit`,
  ]);
});

test.each(["3tunnels", "ssh_proxy", "a.b", ""])("%j is no name of a service", (serviceName) => {
  expect(refused({ serviceName })).toEqual([
    `serviceName: got ${JSON.stringify(serviceName)}; a service's name is 1–63 of a–z, 0–9 and "-", and begins with a letter`,
  ]);
});

test("the consumers' service cannot have the name of that of sshd", () => {
  expect(refused({ serviceName: "acme-bastion-ssh" })).toEqual([
    'serviceName: "acme-bastion-ssh" is the name of the service of sshd; choose another',
  ]);
  expect(checkKubernetes({ ...LEAST, serviceName: "acme-bastion-ssh" }, "globex")).toEqual([]);
});

test.each(["", "not a host", "2001:db8::1", "bastion.example.com:2222"])("%j is nothing that clients could dial", (host) => {
  expect(refused({ host })).toEqual([`host: got ${JSON.stringify(host)}; expected the name or IPv4 address that clients dial`]);
});

test("names of other objects are checked where they are named", () => {
  expect(refused({ imagePullSecrets: ["ok", "Not_Ok"], priorityClassName: "High!" })).toEqual([
    'imagePullSecrets[1]: got "Not_Ok"; expected the name of an object, 1–253 of a–z, 0–9, "-" and "."',
    'priorityClassName: got "High!"; expected the name of an object, 1–253 of a–z, 0–9, "-" and "."',
  ]);
});

// The image.

test.each(["reverse-bastion", "reverse-bastion:latest", "registry.example.com:5000/team/reverse-bastion:1.0.0"])(
  "%s is not pinned: what runs would depend on the day",
  (image) => {
    const reason =
      "without a digest, so what runs would depend on the day; add the @sha256:… that scripts/build-image.sh printed, or write allowUnpinnedImage: true";
    expect(refused({ image })).toEqual([`image: got "${image}" ${reason}`]);
    expect(refused({ image, allowUnpinnedImage: true })).toEqual([]);
  },
);

test.each([`bastion:1@sha256:${"a".repeat(64)}`, `localhost:5000/bastion@sha256:${"0".repeat(64)}`])("%s is pinned", (image) => {
  expect(refused({ image })).toEqual([]);
});

test.each([`x@sha256:${"a".repeat(63)}`, "https://registry.example.com/bastion", "Bastion:1", "a b", "x@sha512:00"])(
  "%j is no reference of an image, pinned or not",
  (image) => {
    for (const allowUnpinnedImage of [false, true])
      expect(refused({ image, allowUnpinnedImage })).toEqual([
        expect.stringMatching(/^image: got .*; expected a reference such as "registry\.example\.com\/reverse-bastion@sha256:…"$/),
      ]);
  },
);

// Who may come.

test.each<[NonNullable<KubernetesSpec["consumerPods"]>[number], string[]]>([
  [
    {},
    [
      "consumerPods[0]: is empty, and an empty selector would match every pod; give namespaceLabels or podLabels, or write allNamespaces: true if every pod of the cluster is meant",
    ],
  ],
  [
    { allNamespaces: false },
    [
      "consumerPods[0]: is empty, and an empty selector would match every pod; give namespaceLabels or podLabels, or write allNamespaces: true if every pod of the cluster is meant",
    ],
  ],
  [
    { namespaceLabels: {} },
    [
      "consumerPods[0].namespaceLabels: is empty, so everything would match; name a label, or write allNamespaces: true if all namespaces are meant",
    ],
  ],
  [
    { podLabels: {} },
    [
      "consumerPods[0].podLabels: is empty, so everything would match; name a label, or write allNamespaces: true if all namespaces are meant",
    ],
  ],
  [
    { allNamespaces: true, namespaceLabels: { team: "data" } },
    ["consumerPods[0].allNamespaces: stands beside namespaceLabels; give one of the two"],
  ],
  [
    { podLabels: { "a b": "c", app: "d e" } },
    [
      'consumerPods[0].podLabels: got "a b"; a key is 1–63 letters, digits, "-", "_" and ".", after a domain and "/" where there is one',
      'consumerPods[0].podLabels.app: got "d e"; a value is at most 63 letters, digits, "-", "_" and ".", or nothing',
    ],
  ],
])("the selection %j is refused: everything has to be written down", (pods, reasons) => {
  expect(refused({ consumerPods: [pods] })).toEqual(reasons);
});

// Labels and annotations.

test("what the pod is known by cannot be changed", () => {
  const taken = "is what the bastion's own pod is known by; choose another key";
  expect(
    refused({ labels: { "app.kubernetes.io/name": "x", "app.kubernetes.io/instance": "y", "app.kubernetes.io/part-of": "z" } }),
  ).toEqual([`labels.app.kubernetes.io/name: ${taken}`, `labels.app.kubernetes.io/instance: ${taken}`]);
});

test.each(["", "-a", "a-", "a".repeat(64), "Upper.Example.com/a", "/a", "a/b/c", "a/", `${"a".repeat(254)}/b`])("%j is no key", (key) => {
  for (const settings of [{ labels: { [key]: "x" } }, { annotations: { [key]: "x" } }, { nodeSelector: { [key]: "x" } }])
    expect(refused(settings)).toEqual([expect.stringMatching(/^(?:labels|annotations|nodeSelector): got .*; a key is 1–63 letters/)]);
});

test("annotations have room for 256 KiB", () => {
  expect(refused({ annotations: { a: "x".repeat(256 * 1024 - 1) } })).toEqual([]);
  expect(refused({ annotations: { a: "x".repeat(256 * 1024) } })).toEqual([
    "annotations: take 262145 bytes; an object's annotations may have 256 KiB",
  ]);
});

/** What a message says of its own: what it quotes is the author's, and may be any text. */
function withoutQuotes(reason: string): string {
  return reason.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
}

test("whatever is missing or odd, it is checked without a crash, and with a place and a remedy", () => {
  fc.assert(
    fc.property(anyKubernetesSpec, fc.option(fc.constant("acme"), { nil: undefined }), (spec, name) => {
      for (const { path, reason } of checkKubernetes(spec, name)) {
        expect(path.split(/[.[]/)[0]).toMatch(/^[a-zA-Z]+$/);
        expect(withoutQuotes(reason)).not.toMatch(/undefined|NaN/u);
        expect(reason).not.toMatch(/\p{Cc}/u);
        expect(reason).toMatch(/; |allowed is/);
      }
    }),
    { numRuns: 1000 },
  );
});
