import { expect, test } from "vitest";
import { checkNameOnKubernetes, checkServiceName, clusterHostOf, objectNames } from "../../../components/core/kubernetes/object-name.ts";

test("names follow from the bastion's, and are a promise to whoever refers to them", () => {
  expect(objectNames("acme")).toEqual({
    bastion: "acme-bastion",
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

test("a name that begins with a digit is refused, since services would have it too", () => {
  expect(checkNameOnKubernetes("3m")).toBe(
    'got "3m"; in a cluster, services are named after the bastion, and their names begin with a letter',
  );
  expect(checkNameOnKubernetes("m3")).toBeUndefined();
});
