import { expect, test } from "vitest";
import { checkPlacement, resourcesOf } from "../../../components/core/kubernetes/pod-placement.ts";

type Placement = Parameters<typeof checkPlacement>[0];

/** What is refused, as `path: reason`. */
const refused = (placement: Placement) => checkPlacement(placement).map(({ path, reason }) => `${path}: ${reason}`);

test("what is not given is filled in, and what is given wins, one by one", () => {
  expect(resourcesOf()).toEqual({ requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } });
  expect(resourcesOf({ requests: { memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } })).toEqual({
    requests: { cpu: "50m", memory: "1Gi" },
    limits: { cpu: "2", memory: "2Gi" },
  });
});

test.each<[NonNullable<Placement["resources"]>, string[]]>([
  [{}, []],
  [{ requests: { cpu: "1 core" } }, ['resources.requests.cpu: got "1 core"; expected an amount such as "250m"']],
  [{ requests: { cpu: "0" } }, ['resources.requests.cpu: got "0"; expected an amount such as "250m"']],
  [{ limits: { memory: "512MB" } }, ['resources.limits.memory: got "512MB"; expected an amount such as "256Mi"']],
  [{ limits: { memory: "-1Gi" } }, ['resources.limits.memory: got "-1Gi"; expected an amount such as "256Mi"']],
  [{ limits: { memory: "32Mi" } }, ['resources.limits.memory: got "32Mi"; at least 64Mi is needed, and 2Mi for each connected client']],
  [{ limits: { memory: "64Mi" }, requests: { memory: "64Mi" } }, []],
  [{ requests: { memory: "1Gi" } }, ["resources.requests.memory: is 1Gi, more than the limit of 512Mi; raise the limit, or request less"]],
  [{ limits: { memory: "100M" } }, ["resources.requests.memory: is 128Mi, more than the limit of 100M; raise the limit, or request less"]],
  [{ limits: { cpu: "40m" } }, ["resources.requests.cpu: is 50m, more than the limit of 40m; raise the limit, or request less"]],
  [{ limits: { cpu: "0.05" } }, []],
])("the resources %j", (resources, reasons) => {
  expect(refused({ resources })).toEqual(reasons);
});

test.each<[NonNullable<NonNullable<Placement["tolerations"]>[number]>, string[]]>([
  [{ key: "dedicated" }, []],
  [{ key: "dedicated", operator: "Exists", effect: "NoExecute" }, []],
  [{ operator: "Exists" }, []],
  [{}, ['tolerations[0].key: is missing; name the taint\'s key, or write "operator: Exists" to put up with every taint']],
  [{ key: "a", operator: "Exists", value: "b" }, ['tolerations[0].value: goes with the operator "Equal"; leave it out']],
  [
    { key: "a b", value: "c d" },
    [
      'tolerations[0].key: got "a b"; a key is 1–63 letters, digits, "-", "_" and ".", after a domain and "/" where there is one',
      'tolerations[0].value: got "c d"; a value is at most 63 letters, digits, "-", "_" and ".", or nothing',
    ],
  ],
])("the toleration %j", (toleration, reasons) => {
  expect(refused({ tolerations: [toleration] })).toEqual(reasons);
});

test.each([0, 1])("a budget of %d says something about one pod", (maxUnavailable) => {
  expect(refused({ podDisruptionBudget: { maxUnavailable } })).toEqual([]);
});

test.each([-1, 2, 0.5])("a budget of %d does not", (maxUnavailable) => {
  expect(refused({ podDisruptionBudget: { maxUnavailable } })).toEqual([
    `podDisruptionBudget.maxUnavailable: got ${maxUnavailable}; a bastion has one pod: 1 lets a drain move it, 0 makes the drain wait`,
  ]);
});
