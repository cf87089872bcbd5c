import { expect, test } from "vitest";
import { parseCidr } from "../../../components/core/cidr.ts";
import { parseWorkloads, renderLabelSelector } from "../../../components/core/kubernetes/workloads.ts";

test("these are the defaults", () => {
  expect(parseWorkloads({}, "bastions")).toEqual({
    user: "jump",
    namespaces: ["bastions"],
    podLabels: { "reverse-bastion/ssh": "enabled" },
    sshPorts: [2222],
    keySource: "annotation",
    annotation: "reverse-bastion/authorized-keys",
    dataKey: "authorized_keys",
    httpPort: 8080,
    httpPath: "/authorized_keys",
    kubeApiPort: 6443,
    kubeApiCidrs: [parseCidr("0.0.0.0/0")],
  });
});

test("what is given is taken; the order of namespaces and ports means nothing", () => {
  const spec = {
    user: "dev",
    namespaces: ["team-b", "team-a"],
    podLabels: { ssh: "on" },
    sshPorts: [10022, 2222, 22],
    keySource: "secret",
    annotation: "example.com/keys",
    dataKey: "keys",
    httpPort: 80,
    httpPath: "/keys",
    kubeApiPort: 16443,
    kubeApiCidrs: ["192.0.2.7/32"],
  } as const;
  expect(parseWorkloads(spec, "bastions")).toEqual({
    ...spec,
    namespaces: ["team-a", "team-b"],
    sshPorts: [22, 2222, 10022],
    kubeApiCidrs: [parseCidr("192.0.2.7/32")],
  });
  expect([spec.namespaces, spec.sshPorts]).toEqual([
    ["team-b", "team-a"],
    [10022, 2222, 22],
  ]);
});

test.each([
  [{ "reverse-bastion/ssh": "enabled" }, "reverse-bastion/ssh=enabled"],
  [{ team: "data", "app.kubernetes.io/name": "etl", ssh: "" }, "app.kubernetes.io/name=etl,ssh=,team=data"],
])("the labels %j are selected by %s", (labels, selector) => {
  expect(renderLabelSelector(labels)).toBe(selector);
});
