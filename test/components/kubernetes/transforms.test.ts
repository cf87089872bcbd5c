import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { KubernetesTransforms } from "../../../components/kubernetes/kubernetes-transforms.ts";
import type { Transform } from "../../../components/shared/transform.ts";
import { EXPOSED, up } from "../../support/kubernetes-bastion.ts";
import { resourceIn } from "../../support/registered.ts";

type DeploymentSpec = types.input.apps.v1.DeploymentSpec;
type PodSpec = types.input.core.v1.PodSpec;
type Container = types.input.core.v1.Container;

/** What each transform changes, by the type of its child. */
const CHILDREN: Readonly<Record<keyof KubernetesTransforms, string>> = {
  deployment: "kubernetes:apps/v1:Deployment",
  serviceAccount: "kubernetes:core/v1:ServiceAccount",
  configMap: "kubernetes:core/v1:ConfigMap",
  secret: "kubernetes:core/v1:Secret",
  service: "kubernetes:core/v1:Service",
  networkPolicy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  role: "kubernetes:rbac.authorization.k8s.io/v1:Role",
  roleBinding: "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
  podDisruptionBudget: "kubernetes:policy/v1:PodDisruptionBudget",
  configMapPatch: "kubernetes:core/v1:ConfigMapPatch",
  tcpRoute: "kubernetes:gateway.networking.k8s.io/v1:TCPRoute",
};

test("each transform reaches all children of its kind, and no others", async () => {
  const seen = new Map<string, Set<string>>();
  for (const kind of ["nginx-tcp-services", "gateway-tcp-route"] as const) {
    const mark =
      (name: string): Transform<object> =>
      ({ args, options }) => ({ args: { ...args, metadata: { name } }, options: { ...options, protect: true } });
    const transform = Object.fromEntries(Object.keys(CHILDREN).map((name) => [name, mark(name)])) as KubernetesTransforms;
    const { registered, error } = await up({ ...EXPOSED[kind], workloads: {} }, {}, { transform });
    expect(error).toBeUndefined();
    for (const { type, name, inputs, options } of registered.filter(({ type: each }) => each.startsWith("kubernetes:"))) {
      expect([name, options.protect]).toEqual([name, true]);
      seen.set(type, (seen.get(type) ?? new Set()).add((inputs.metadata as { name: string }).name));
    }
  }
  expect(Object.fromEntries([...seen].map(([type, names]) => [type, [...names]]))).toEqual(
    Object.fromEntries(Object.entries(CHILDREN).map(([name, type]) => [type, [name]])),
  );
});

test("a transform sees what the bastion would have made, and decides", async () => {
  const seen: unknown[] = [];
  const transform: KubernetesTransforms = {
    networkPolicy: ({ args, options }) => {
      seen.push(args.metadata);
      return { args, options: { ...options, retainOnDelete: true } };
    },
    podDisruptionBudget: ({ args, options }) => ({ args: { ...args, spec: { minAvailable: 1 } }, options }),
  };
  const { registered } = await up({}, {}, { transform });
  expect(seen).toEqual([expect.objectContaining({ name: "acme-bastion-ingress" })]);
  expect(resourceIn(registered, "acme-disruption-budget").inputs.spec).toEqual({ minAvailable: 1 });
});

/** A transform that changes the bastion's pod. */
function changePod(change: (pod: PodSpec) => pulumi.Input<PodSpec>): KubernetesTransforms {
  return {
    deployment: ({ args, options }) => {
      const { template, ...spec } = args.spec as DeploymentSpec & { template: { spec: PodSpec } };
      return { args: { ...args, spec: { ...spec, template: { ...template, spec: change(template.spec) } } }, options };
    },
  };
}

const REFUSAL = "transform.deployment: spec.template.spec.containers[1].securityContext";
const withSidecar =
  (sidecar: pulumi.Input<Container>) =>
  (pod: PodSpec): PodSpec => ({ ...pod, containers: [...(pod.containers as Container[]), sidecar] });

describe.each([true, false])("a transform that would take the pod's security away (preview: %s)", (preview) => {
  test("is refused with everything that is wrong", async () => {
    const sidecar = { name: "debug", securityContext: { privileged: true, capabilities: { add: ["SYS_ADMIN"] } } };
    const { error } = await up({}, { preview }, { transform: changePod(withSidecar(sidecar)) });
    expect((error as Error).message.split("\n")).toEqual([
      `${REFUSAL}.privileged: is true, which is all rights on the node; leave it out`,
      `${REFUSAL}.allowPrivilegeEscalation: must be false`,
      `${REFUSAL}.capabilities.drop: must have "ALL"`,
      `${REFUSAL}.capabilities.add: has "SYS_ADMIN"; a bastion needs none`,
    ]);
  });

  test("is refused also where it is an output", async () => {
    const sidecar = pulumi.output({ name: "debug", securityContext: { privileged: true } });
    const { error } = await up({}, { preview }, { transform: changePod(withSidecar(sidecar)) });
    expect((error as Error).message).toContain(`${REFUSAL}.privileged: is true`);
  });

  test("may add what is no weaker", async () => {
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
    const { error, registered } = await up({}, { preview }, { transform: changePod(withSidecar({ name: "debug", securityContext })) });
    expect(error).toBeUndefined();
    const { template } = resourceIn(registered, "acme-deployment").inputs.spec as {
      template: { spec: { containers: { name: string }[] } };
    };
    expect(template.spec.containers.map(({ name }) => name)).toEqual(["bastion", "debug"]);
  });
});
