import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { PatchType } from "../../cluster/api.ts";
import type { ApiObject } from "../../cluster/api-objects.ts";
import type { AuditEvent } from "../../cluster/control-plane/audit-log.ts";
import { CONFIG_MAP, SERVICE } from "../../cluster/node/api/kinds.ts";
import { describeWithKubernetesStack, KubernetesStack } from "../support/kubernetes-stack.ts";
import { waitUntil } from "../support/wait.ts";

const ROLE = resolve(import.meta.dirname, "../../../docs/kubernetes-role.yaml");
const DEPLOYER = `system:serviceaccount:${KubernetesStack.NAMESPACE}:reverse-bastion-deployer`;
const NGINX = "ingress-nginx";
/** Namespace of workload pods. */
const TEAM = "team-a";

/** In the role for the real provider alone: it shows warnings about what it waits for. */
const NOT_SEEN = ["bastions events list", "bastions events watch"];

/** Asked of nobody, since the API server looks by itself: whoever makes a Role has to have the rights that are in it. */
const GRANTED = [`${TEAM} pods list`, `${TEAM} configmaps get`, `${TEAM} secrets get`];

/** The Gateway API is no part of a cluster by itself. Of its route, this takes anything. */
const TCP_ROUTES = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: "tcproutes.gateway.networking.k8s.io",
    annotations: { "api-approved.kubernetes.io": "unapproved, for a test" },
  },
  spec: {
    group: "gateway.networking.k8s.io",
    names: { kind: "TCPRoute", plural: "tcproutes" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

interface Role extends ApiObject {
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

describeWithKubernetesStack("what `pulumi up` has to be allowed in a cluster", () => {
  const documents = parseAllDocuments(readFileSync(ROLE, "utf8")).map((document) => document.toJS() as ApiObject);
  let stack: KubernetesStack;

  beforeAll(async () => {
    stack = await KubernetesStack.create(bastion({ exposure: { kind: "nginx-tcp-services" } }), DEPLOYER);
    await stack.api.create(TCP_ROUTES);
    await waitUntil("TCPRoute", () => stack.api.knows({ apiVersion: "gateway.networking.k8s.io/v1", kind: "TCPRoute" }));
    await stack.makeNamespace(NGINX);
    await stack.makeNamespace(TEAM);
    await stack.api.create({ ...CONFIG_MAP, metadata: { namespace: NGINX, name: "tcp-services" } });
    for (const document of documents) await stack.api.apply(document, { fieldManager: "kubectl" });
  });

  afterAll(async () => stack?.remove());

  function bastion(settings: Partial<NonNullable<CustomerFile["kubernetes"]>>, parts: Partial<CustomerFile> = {}): Partial<CustomerFile> {
    return { ...parts, kubernetes: { host: "ssh.example.com", ...settings } as NonNullable<CustomerFile["kubernetes"]> };
  }

  const up = (...described: Parameters<typeof bastion>) => stack.deployment.up(stack.customerFile(bastion(...described)));

  /** What a cloud would do. */
  async function giveAddress(): Promise<void> {
    const key = { namespace: KubernetesStack.NAMESPACE, name: "acme-bastion-ssh" };
    await waitUntil("a load balancer to be asked for", async () => {
      const service = (await stack.api.get(SERVICE, key)) as unknown as { spec: { type: string } };
      return service.spec.type === "LoadBalancer";
    });
    const status = { loadBalancer: { ingress: [{ ip: "192.0.2.80" }] } };
    await stack.api.patch(SERVICE, key, { status }, PatchType.MERGE, { subresource: "status" });
  }

  test("the roles in docs/ allow every request of a bastion's life, and hardly any other", async () => {
    await stack.deployment.up();
    await stack.deployment.pulumi("refresh", "--yes", "--stack", "acme");
    const gateway = { kind: "gateway-tcp-route", gateway: { name: "edge", namespace: "gateways", sectionName: "ssh" } } as const;
    await up({ exposure: gateway, workloads: { namespaces: [TEAM], keySource: "config-map" } });
    // Everything changes in place that can, and the key set too.
    const workloads = { namespaces: [TEAM], keySource: "secret" as const };
    await up({ exposure: gateway, labels: { team: "data" }, workloads }, { clients: [{ name: "dc2", generateKey: "ed25519" }] });
    const loadBalancer = { kind: "load-balancer", loadBalancer: { cloud: "other" } } as const;
    await Promise.all([up({ exposure: loadBalancer, labels: { team: "data" } }), giveAddress()]);
    await stack.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
    expect(await stack.objectsOfBastion()).toEqual([]);

    const requests = stack.controlPlane.auditLog().filter(({ user }) => user.username === DEPLOYER);
    expect(requests.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
    const made = requests.flatMap(permissionOf);
    const needed = new Set([...made, ...made.flatMap(waitingOf), ...NOT_SEEN, ...GRANTED]);
    expect(documents.filter(isRole).flatMap(permissionsOf).sort()).toEqual([...needed].sort());
  });
});

/** What a request needs, such as `bastions deployments.apps patch`. Of what belongs to others, the name of the object counts. */
function permissionOf({ verb, objectRef }: AuditEvent): string[] {
  const { resource, namespace, name, apiGroup, subresource } = objectRef ?? {};
  // What a cluster says about itself is for everybody.
  if (resource === undefined) return [];
  const object = namespace === NGINX ? [name] : [];
  const path = [[resource, apiGroup].filter(Boolean).join("."), ...object, subresource].filter(Boolean).join("/");
  return [`${namespace} ${path} ${verb}`];
}

/** Who deletes waits for the end, by a watch. The stand-in does without where that end comes at once. */
function waitingOf(permission: string): string[] {
  if (!permission.endsWith(" delete")) return [];
  return ["list", "watch"].map((verb) => permission.replace(/delete$/, verb));
}

function isRole(document: ApiObject): document is Role {
  return document.kind === "Role";
}

function permissionsOf({ metadata: { namespace }, rules }: Role): string[] {
  return rules.flatMap(({ apiGroups, resources, resourceNames = [undefined], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.flatMap((name) =>
          verbs.map((verb) => {
            const path = [[resource, group].filter(Boolean).join("."), name].filter(Boolean).join("/");
            return `${namespace} ${path} ${verb}`;
          }),
        ),
      ),
    ),
  );
}
