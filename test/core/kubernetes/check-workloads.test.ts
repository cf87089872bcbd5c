import { expect, test } from "vitest";
import { checkKubernetes } from "../../../components/core/kubernetes/check-kubernetes.ts";
import type { KubernetesSpec } from "../../../components/core/kubernetes/kubernetes-spec.ts";
import { WorkloadKeySource, type WorkloadsSpec } from "../../../components/core/kubernetes/workloads-spec.ts";
import { EXPOSED, IMAGE, NAMESPACE } from "../../support/kubernetes-bastion.ts";

const LEAST: KubernetesSpec = { namespace: NAMESPACE, image: IMAGE, ...EXPOSED.none };

/** What is refused, as `path: reason`, in the workloads of the bastion `acme`. */
const refused = (
  workloads: WorkloadsSpec,
  spec: Partial<KubernetesSpec> = {},
  users: { tunnelUser?: string; consumerUser?: string } = {},
) => checkKubernetes({ ...LEAST, ...spec, workloads }, "acme", users).map(({ path, reason }) => `${path}: ${reason}`);

test("nothing has to be said, and everything can be", () => {
  expect(refused({})).toEqual([]);
  const all: WorkloadsSpec = {
    namespaces: ["team-a", NAMESPACE],
    podLabels: { "example.com/ssh": "", team: "data" },
    sshPorts: [22, 2222, 1, 65535, 5, 6, 7, 8],
    annotation: "example.com/keys",
    user: "dev_jump",
    kubeApiPort: 16443,
    kubeApiCidrs: ["192.0.2.7/32", "10.0.0.0/8"],
  };
  expect(refused(all)).toEqual([]);
  expect(refused({ ...all, keySource: "secret", dataKey: "id_ed25519.pub" })).toEqual([]);
  expect(refused({ ...all, keySource: "config-map", dataKey: ".a_-" })).toEqual([]);
  const { annotation: _annotation, ...rest } = all;
  expect(refused({ ...rest, keySource: "http", httpPort: 80, httpPath: "/" })).toEqual([]);
});

// Which pods.

test("namespaces are named, each once, by names that a namespace can have", () => {
  expect(refused({ namespaces: [] })).toEqual([
    "workloads.namespaces: is empty, so no pod would be found; name the namespaces of the pods, or leave it out for the bastion's own",
  ]);
  expect(refused({ namespaces: ["team-a", "Team", "team-a", "a.b"] })).toEqual([
    'workloads.namespaces[1]: got "Team"; expected 1–63 of a–z, 0–9 and "-", beginning and ending with a letter or digit',
    "workloads.namespaces[2]: is the same as namespaces[0]; name it once",
    'workloads.namespaces[3]: got "a.b"; expected 1–63 of a–z, 0–9 and "-", beginning and ending with a letter or digit',
  ]);
});

test("labels that would match every pod, and those that no pod can have, are refused", () => {
  expect(refused({ podLabels: {} })).toEqual([
    "workloads.podLabels: is empty, so every pod would match; name a label of the pods that have SSH enabled",
  ]);
  expect(refused({ podLabels: { "a b": "c", app: "d e" } })).toEqual([
    'workloads.podLabels: got "a b"; a key is 1–63 letters, digits, "-", "_" and ".", after a domain and "/" where there is one',
    'workloads.podLabels.app: got "d e"; a value is at most 63 letters, digits, "-", "_" and ".", or nothing',
  ]);
});

const ITSELF =
  "workloads.podLabels: are those of the bastion's own pod too, so it would discover itself; name a label that only workloads have";

test.each<[string, WorkloadsSpec, Partial<KubernetesSpec>]>([
  ["the bastion's own labels", { podLabels: { "app.kubernetes.io/name": "reverse-bastion" } }, {}],
  ["all of its own labels", { podLabels: { "app.kubernetes.io/name": "reverse-bastion", "app.kubernetes.io/instance": "acme" } }, {}],
  ["labels it was given", { podLabels: { team: "data" } }, { labels: { team: "data", tier: "edge" } }],
  ["some of each", { podLabels: { team: "data", "app.kubernetes.io/instance": "acme" } }, { labels: { team: "data" } }],
  ["the default's, which it was given", {}, { labels: { "reverse-bastion/ssh": "enabled" } }],
  ["a namespace among others", { namespaces: ["team-a", NAMESPACE], podLabels: { team: "data" } }, { labels: { team: "data" } }],
])("a bastion cannot discover itself: %s", (_what, workloads, spec) => {
  expect(refused(workloads, spec)).toEqual([ITSELF]);
});

test.each<[string, WorkloadsSpec, Partial<KubernetesSpec>]>([
  ["it has one of two labels", { podLabels: { team: "data", ssh: "on" } }, { labels: { team: "data" } }],
  ["it has another value", { podLabels: { team: "data" } }, { labels: { team: "platform" } }],
  ["another bastion is meant", { podLabels: { "app.kubernetes.io/instance": "globex" } }, {}],
  ["it is in another namespace", { namespaces: ["team-a"], podLabels: { team: "data" } }, { labels: { team: "data" } }],
])("it does not discover itself where %s", (_what, workloads, spec) => {
  expect(refused(workloads, spec)).toEqual([]);
});

// Where users are forwarded to.

test("ports are named, each once, and not too many", () => {
  expect(refused({ sshPorts: [] })).toEqual([
    "workloads.sshPorts: is empty, so nobody could be forwarded; name the ports of the pods' sshd, or leave it out for 2222",
  ]);
  expect(refused({ sshPorts: [2222, 0, 2222, 65536, 22.5, Number.NaN] })).toEqual([
    "workloads.sshPorts[1]: got 0; allowed is 1–65535",
    "workloads.sshPorts[2]: is the same as sshPorts[0]; name it once",
    "workloads.sshPorts[3]: got 65536; allowed is 1–65535",
    "workloads.sshPorts[4]: got 22.5; allowed is 1–65535",
    "workloads.sshPorts[5]: got NaN; allowed is 1–65535",
  ]);
  expect(refused({ sshPorts: [1, 2, 3, 4, 5, 6, 7, 8, 9] })).toEqual([
    "workloads.sshPorts: has 9 ports; allowed are 8, since each key names them all for each of its pods; leave some out",
  ]);
});

// Where the keys are.

const goesWith = (setting: string, sources: string) =>
  `workloads.${setting}: goes with the key source ${sources}; say so in keySource, or leave it out`;
const FOREIGN = {
  annotation: [goesWith("dataKey", "secret, config-map"), goesWith("httpPort", "http"), goesWith("httpPath", "http")],
  secret: [goesWith("httpPort", "http"), goesWith("httpPath", "http")],
  "config-map": [goesWith("httpPort", "http"), goesWith("httpPath", "http")],
  http: [goesWith("annotation", "annotation, secret, config-map"), goesWith("dataKey", "secret, config-map")],
} as const satisfies Record<WorkloadKeySource, readonly string[]>;
const EVERY_SETTING = { annotation: "example.com/keys", dataKey: "keys", httpPort: 80, httpPath: "/keys" };

test.each(Object.values(WorkloadKeySource))("with the key source %s, settings of the others would be without effect", (keySource) => {
  expect(refused({ keySource, ...EVERY_SETTING })).toEqual(FOREIGN[keySource]);
});

test("without a key source, the settings are those of the default", () => {
  expect(refused(EVERY_SETTING)).toEqual(FOREIGN.annotation);
});

test.each(["", "a b", "/a", "a/b/c"])("%j is no annotation", (annotation) => {
  expect(refused({ annotation })).toEqual([
    `workloads.annotation: got ${JSON.stringify(annotation)}; a key is 1–63 letters, digits, "-", "_" and ".", after a domain and "/" where there is one`,
  ]);
});

test.each(["", ".", "..", "..a", "a/b", "a b", "schlüssel"])("%j is no key of a Secret's or ConfigMap's data", (dataKey) => {
  for (const keySource of ["secret", "config-map"] as const)
    expect(refused({ keySource, dataKey })).toEqual([
      `workloads.dataKey: got ${JSON.stringify(dataKey)}; a key of a Secret's or ConfigMap's data is 1–253 letters, digits, "-", "_" and "."`,
    ]);
});

test("a data key has room for 253 characters", () => {
  expect(refused({ keySource: "secret", dataKey: "k".repeat(253) })).toEqual([]);
  expect(refused({ keySource: "secret", dataKey: "k".repeat(254) })).toHaveLength(1);
});

test.each(["", "keys", "http://a/b", "/a b", "/a\r\nHost: b", "/schlüssel", "/\u007f"])("%j is no path to ask for", (httpPath) => {
  expect(refused({ keySource: "http", httpPath })).toEqual([
    expect.stringMatching(
      /^workloads\.httpPath: got "[\x20-\x7eü]*"; expected a path such as "\/authorized_keys", of printable ASCII without spaces$/,
    ),
  ]);
});

test.each([0, 65536, -1, 80.5])("%d is no port of HTTP, nor of the API server", (port) => {
  expect(refused({ keySource: "http", httpPort: port, kubeApiPort: port })).toEqual([
    `workloads.httpPort: got ${port}; allowed is 1–65535`,
    `workloads.kubeApiPort: got ${port}; allowed is 1–65535`,
  ]);
});

// Who logs in.

test.each<[string, object, string]>([
  ["tunnel", {}, '"tunnel" is who clients log in as; give the users of workloads one of their own'],
  ["consumer", {}, '"consumer" is who consumers log in as; give the users of workloads one of their own'],
  ["acme", { tunnelUser: "acme" }, '"acme" is who clients log in as; give the users of workloads one of their own'],
  ["reader", { consumerUser: "reader" }, '"reader" is who consumers log in as; give the users of workloads one of their own'],
  ["root", {}, '"root" is a system account; choose a user of the bastion\'s own, such as "tunnel"'],
  ["Jump", {}, 'got "Jump"; a login user is 1–32 of a–z, 0–9, "_" and "-", and begins with a letter or "_"'],
  ["a b", {}, 'got "a b"; a login user is 1–32 of a–z, 0–9, "_" and "-", and begins with a letter or "_"'],
])("%j cannot be the user (%j)", (user, users, reason) => {
  expect(refused({ user }, {}, users)).toEqual([`workloads.user: ${reason}`]);
});

test("the default can be taken as well, and others' names are free once they have another one", () => {
  expect(refused({}, {}, { consumerUser: "jump" })).toEqual([
    'workloads.user: "jump" is who consumers log in as; give the users of workloads one of their own',
  ]);
  expect(refused({ user: "tunnel" }, {}, { tunnelUser: "acme" })).toEqual([]);
});

// The API server.

test("blocks of the API server are IPv4 blocks, and there is one at least", () => {
  expect(refused({ kubeApiCidrs: [] })).toEqual([
    "workloads.kubeApiCidrs: is empty, so the API server could not be asked; name its blocks, or leave it out for anywhere",
  ]);
  expect(refused({ kubeApiCidrs: ["192.0.2.7", "10.0.0.1/8", "2001:db8::/32", "10.0.0.0/8", "10.0.0.0/8"] })).toEqual([
    'workloads.kubeApiCidrs[0]: got "192.0.2.7" without a prefix length; for this one address write "192.0.2.7/32"',
    'workloads.kubeApiCidrs[1]: "10.0.0.1/8" has host bits set; write "10.0.0.0/8" for the block or "10.0.0.1/32" for the one address',
    'workloads.kubeApiCidrs[2]: got "2001:db8::/32", and the bastion has no IPv6 address; name the IPv4 block of the API server',
    "workloads.kubeApiCidrs[4]: is the same as kubeApiCidrs[3]; name it once",
  ]);
});
