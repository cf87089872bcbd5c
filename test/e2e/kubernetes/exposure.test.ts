import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { CONFIG_MAP, SERVICE } from "../../cluster/node/api/kinds.ts";
import { describeWithKubernetesStack, KubernetesStack } from "../support/kubernetes-stack.ts";

const DOCS = resolve(import.meta.dirname, "../../../docs/kubernetes.md");

const host = "ssh.example.com";
const TCP_SERVICES = { namespace: "ingress-nginx", name: "tcp-services" };
const THEIRS = { "5432": "databases/orders:5432", "9000": "search/nodes:9000" };
const SSH = { namespace: KubernetesStack.NAMESPACE, name: "acme-bastion-ssh" };

describeWithKubernetesStack("the way to a bastion's sshd, in a cluster that others use too", () => {
  let stack: KubernetesStack;

  beforeAll(async () => {
    stack = await KubernetesStack.create(exposed({ kind: "node-port", nodePort: 30022 }));
    await stack.makeNamespace(TCP_SERVICES.namespace);
    await stack.api.create({ ...CONFIG_MAP, metadata: TCP_SERVICES, data: THEIRS }, { fieldManager: "helm" });
  });

  afterAll(async () => stack?.remove());

  function exposed(exposure: NonNullable<CustomerFile["kubernetes"]>["exposure"]): Partial<CustomerFile> {
    return { kubernetes: { host, exposure } as NonNullable<CustomerFile["kubernetes"]> };
  }

  const entries = async () => (await stack.api.get(CONFIG_MAP, TCP_SERVICES)).data;
  const sshService = () => stack.api.get(SERVICE, SSH);

  /** Somebody else takes the service's selector, as `kubectl apply --server-side --force-conflicts` does. */
  const select = (labels: object) =>
    stack.api.apply({ ...SERVICE, metadata: SSH, spec: { selector: labels } }, { fieldManager: "somebody", force: true });

  test("a node port is what clients dial", async () => {
    const { endpoint, sshPort, clients } = await stack.deployment.up();
    expect([endpoint, sshPort]).toEqual([`ssh://tunnel@${host}:30022`, 30022]);
    expect(clients[0]?.command).toContain(" -p 30022 ");
    expect(await sshService()).toMatchObject({
      spec: { type: "NodePort", externalTrafficPolicy: "Local", ports: [{ port: 2222, targetPort: 2222, nodePort: 30022 }] },
    });
    expect(await entries()).toEqual(THEIRS);
  });

  test("what somebody else has changed is not overwritten: `up --refresh` names them, with words that docs/ explains", async () => {
    await select({ app: "honeypot" });
    const { exitCode, stdout, stderr } = await stack.deployment.attempt("up", "--yes", "--skip-preview", "--refresh", "--stack", "acme");
    expect(exitCode).not.toBe(0);
    const message = "Apply failed with 1 conflict: conflict with";
    expect(stdout + stderr).toContain(`${message} "somebody": .spec.selector`);
    expect(readFileSync(DOCS, "utf8")).toContain(message);
    expect(await sshService()).toMatchObject({ spec: { selector: { app: "honeypot" } } });
  });

  test("with the field as the file has it, `up` goes on, and takes one entry of nginx's beside those of others", async () => {
    const ours = (await stack.api.get(SERVICE, { ...SSH, name: "ssh-reverse-proxy" })) as unknown as { spec: { selector: object } };
    await select(ours.spec.selector);
    stack.deployment.describe(stack.customerFile(exposed({ kind: "nginx-tcp-services" })));
    await stack.deployment.pulumi("up", "--yes", "--skip-preview", "--refresh", "--stack", "acme");
    expect(await entries()).toEqual({ ...THEIRS, "2222": "bastions/acme-bastion-ssh:2222" });
    const { spec } = (await sshService()) as unknown as { spec: { type: string; ports: unknown } };
    expect([spec.type, spec.ports]).toEqual(["ClusterIP", [{ name: "ssh", protocol: "TCP", port: 2222, targetPort: 2222 }]]);
    expect((await stack.deployment.outputs()).endpoint).toBe(`ssh://tunnel@${host}:2222`);
  });

  test("`destroy` takes away its own entry, and nothing else", async () => {
    expect(await stack.objectsOfBastion()).not.toEqual([]);
    await stack.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
    expect(await entries()).toEqual(THEIRS);
    expect(await stack.objectsOfBastion()).toEqual([]);
  });
});
