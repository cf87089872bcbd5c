import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { deploy as deployKubernetes } from "../../stacks/kubernetes.ts";
import { parseBastionFile } from "../support/customer-files.ts";
import { deploy, settled } from "../support/engine.ts";
import { IMAGE } from "../support/kubernetes-bastion.ts";
import { KUBERNETES_ENGINE, LOAD_BALANCER_IP } from "../support/kubernetes-engine.ts";
import { resourceIn } from "../support/registered.ts";

const customer = (settings = "") => `customer: acme
target: kubernetes
kubernetes:
  namespace: bastions
  image: ${IMAGE}
  exposure: { kind: load-balancer, loadBalancer: { cloud: gcp, internal: true } }
  consumerPods: [{ namespaceLabels: { kubernetes.io/metadata.name: platform } }]
  ${settings}
aws: { region: eu-central-1 }
gcp: { zone: europe-west3-a }
local: { host: elsewhere.example.com }
clientCidrs: [198.51.100.0/24]
consumerCidrs: []
sshPort: 2200
tunnels: [{ name: orders, destination: "db:5432" }, { name: billing }, { name: flow }]
clients: [{ name: dr-site, generateKey: ed25519 }]
consumers: [{ name: flow, generateKey: rsa-pem }]
`;

const up = (text = customer()) => deploy(() => deployKubernetes(parseBastionFile(text, "acme.yaml")), KUBERNETES_ENGINE);

test("a customer's file becomes a bastion that is named after the customer, with the settings of its target", async () => {
  const { registered, result, error } = await up();
  expect(error).toBeUndefined();
  expect(registered.filter(({ parent }) => parent === undefined).map(({ type, name }) => `${type} ${name}`)).toEqual([
    "pulumi:providers:kubernetes kubernetes",
    "reverse-bastion:kubernetes:KubernetesBastion acme",
  ]);
  expect(resourceIn(registered, "acme-ssh-service").inputs.metadata).toMatchObject({
    namespace: "bastions",
    annotations: { "networking.gke.io/load-balancer-type": "Internal" },
  });
  expect(await settled(result.endpoint)).toBe(`ssh://tunnel@${LOAD_BALANCER_IP}:2200`);
  expect((await settled(result.tunnels))[0]?.consumerAddresses).toEqual(["ssh-reverse-proxy.bastions.svc.cluster.local:15000"]);
});

test("everything is made in the cluster that the file names, where keys are changed in place", async () => {
  const provider = "pulumi:providers:kubernetes::kubernetes";
  const { registered } = await up(customer("context: prod-eu"));
  const settings = { context: "prod-eu", enableConfigMapMutable: "true", enableSecretMutable: "true" };
  expect(resourceIn(registered, "kubernetes").inputs).toMatchObject(settings);
  const objects = registered.filter(({ type }) => type.startsWith("kubernetes:"));
  expect(objects.length).toBeGreaterThan(8);
  for (const { name, options } of objects) expect([name, options.provider]).toEqual([name, provider]);
  expect(resourceIn((await up()).registered, "kubernetes").inputs.context).toBeUndefined();
});

test("with workloads, the stack also says what users and operators type", async () => {
  const { registered, result } = await up(customer("workloads: { namespaces: [team-a], keySource: secret }"));
  expect(await settled(pulumi.all([result.jumpHost, result.refreshCommand]))).toEqual([
    `jump@${LOAD_BALANCER_IP}:2200`,
    "kubectl -n bastions exec deployment/acme-bastion -- /usr/bin/python3 -I -S /usr/lib/reverse-bastion/bastion_workloads/refresh.py",
  ]);
  expect(resourceIn(registered, "acme-workload-role-team-a").inputs.rules).toHaveLength(2);
  expect(Object.keys(result)).toHaveLength(18);
});

test("every stack exports the same outputs, and only the private keys are secret", async () => {
  const { result } = await up();
  const secrets = await Promise.all(
    Object.entries(result).map(async ([name, output]) => [name, await pulumi.isSecret(output as pulumi.Output<unknown>)]),
  );
  expect(secrets.filter(([, isSecret]) => isSecret)).toEqual([
    ["clientPrivateKeys", true],
    ["consumerPrivateKeys", true],
    ["operatorPrivateKeys", true],
  ]);
  expect(secrets).toHaveLength(16);
});
