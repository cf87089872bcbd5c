import { expect, test } from "vitest";
import { type ContainerSecurity, checkPodSecurity, type PodSecurity } from "../../../components/core/kubernetes/pod-security.ts";
import { renderProblem } from "../../../components/core/problem.ts";

const CONTAINER = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
const POD = { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } };

function problemsOf(pod: PodSecurity, container: ContainerSecurity["securityContext"] = CONTAINER): string[] {
  return checkPodSecurity({ securityContext: POD, containers: [{ securityContext: container }], ...pod }).map(renderProblem);
}

test("a restricted pod is taken, whether the pod or the container says so", () => {
  expect(problemsOf({})).toEqual([]);
  expect(problemsOf({ securityContext: undefined }, { ...POD, ...CONTAINER })).toEqual([]);
  expect(problemsOf({}, { ...CONTAINER, capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] }, procMount: "Default" })).toEqual([]);
  expect(
    problemsOf({
      volumes: [
        ["name", "configMap"],
        ["name", "projected"],
        ["name", "emptyDir"],
      ],
      hostNetwork: false,
    }),
  ).toEqual([]);
});

test.each<[keyof NonNullable<ContainerSecurity["securityContext"]>, ContainerSecurity["securityContext"], string]>([
  ["privileged", { privileged: true }, "privileged: is true, which is all rights on the node; leave it out"],
  ["allowPrivilegeEscalation", { allowPrivilegeEscalation: true }, "allowPrivilegeEscalation: must be false"],
  ["allowPrivilegeEscalation", { allowPrivilegeEscalation: undefined }, "allowPrivilegeEscalation: must be false"],
  ["capabilities", { capabilities: undefined }, 'capabilities.drop: must have "ALL"'],
  ["capabilities", { capabilities: { drop: ["NET_RAW"] } }, 'capabilities.drop: must have "ALL"'],
  ["capabilities", { capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } }, 'capabilities.add: has "NET_ADMIN"; a bastion needs none'],
  ["procMount", { procMount: "Unmasked" }, "procMount: must be left out"],
  ["runAsNonRoot", { runAsNonRoot: false }, "runAsNonRoot: must be true, here or in the pod's"],
  ["runAsUser", { runAsUser: 0 }, "runAsUser: is 0, which is root; leave it as it is"],
  ["seccompProfile", { seccompProfile: { type: "Unconfined" } }, "seccompProfile.type: must be RuntimeDefault, here or in the pod's"],
])("a container falls behind by its %s: %j", (_what, change, problem) => {
  expect(problemsOf({}, { ...CONTAINER, ...change })).toEqual([`containers[0].securityContext.${problem}`]);
  const initContainers = [{ securityContext: { ...CONTAINER, ...change } }];
  expect(problemsOf({ initContainers })).toEqual([`initContainers[0].securityContext.${problem}`]);
});

test.each<[PodSecurity, string]>([
  [{ hostNetwork: true }, "hostNetwork: is true, and a bastion's pod has nothing in common with its node; leave it out"],
  [{ hostPID: true }, "hostPID: is true, and a bastion's pod has nothing in common with its node; leave it out"],
  [{ hostIPC: true }, "hostIPC: is true, and a bastion's pod has nothing in common with its node; leave it out"],
  [{ securityContext: { ...POD, runAsUser: 0 } }, "securityContext.runAsUser: is 0, which is root; leave it as it is"],
  [{ volumes: [["name", "hostPath"]] }, "volumes[0].hostPath: is a way to the node; take another kind of volume"],
  [
    { containers: [{ securityContext: CONTAINER, ports: [{ hostPort: 0 }, { hostPort: 2222 }] }] },
    "containers[0].ports[1].hostPort: is a port of the node; the setting exposure has the ways in",
  ],
])("a pod falls behind: %j", (pod, problem) => {
  expect(problemsOf(pod)).toEqual([problem]);
});

test("a container that says nothing about itself is no restricted one", () => {
  expect(checkPodSecurity({ containers: [{}] }).map(({ path }) => path)).toEqual(
    ["allowPrivilegeEscalation", "capabilities.drop", "runAsNonRoot", "seccompProfile.type"].map(
      (name) => `containers[0].securityContext.${name}`,
    ),
  );
});
