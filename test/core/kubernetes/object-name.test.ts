import { expect, test } from "vitest";
import {
  checkNameOnKubernetes,
  checkObjectName,
  checkServiceName,
  clusterHostOf,
  objectNames,
  workloadRoleName,
} from "../../../components/core/kubernetes/object-name.ts";

test("names follow from the bastion's, and are a promise to whoever refers to them", () => {
  expect(objectNames("acme")).toEqual({
    bastion: "acme-bastion",
    hostKeys: "acme-bastion-host-keys",
    ingress: "acme-bastion-ingress",
    keySet: "acme-bastion-key-set",
    ssh: "acme-bastion-ssh",
  });
  expect(clusterHostOf("ssh-reverse-proxy", "bastions")).toBe("ssh-reverse-proxy.bastions.svc.cluster.local");
});

test("the longest name of a bastion gives names that fit", () => {
  for (const name of Object.values(objectNames("n".repeat(40))))
    expect([name.length <= 63, checkServiceName(name)]).toEqual([true, undefined]);
});

test("roles of bastions of several namespaces stand side by side in one, whatever they are called", () => {
  expect(workloadRoleName("acme", "bastions")).toBe("acme-bastion-workloads.bastions");
  const pairs = [
    ["acme", "a"],
    ["acme", "b"],
    ["acme-a", "b"],
    ["a", "bastion-workloads-b"],
    ["a-bastion-workloads", "b"],
  ] as const;
  expect(new Set(pairs.map(([name, namespace]) => workloadRoleName(name, namespace))).size).toBe(pairs.length);
  expect(checkObjectName(workloadRoleName("n".repeat(40), "s".repeat(63)))).toBeUndefined();
});

test("a name that begins with a digit is refused, since services would have it too", () => {
  expect(checkNameOnKubernetes("3m")).toBe(
    'got "3m"; in a cluster, services are named after the bastion, and their names begin with a letter',
  );
  expect(checkNameOnKubernetes("m3")).toBeUndefined();
});
