import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { deploy as deployGcp } from "../../stacks/gcp.ts";
import { parseBastionFile } from "../support/customer-files.ts";
import { deploy, settled } from "../support/engine.ts";
import { GCP_ENGINE, PRIVATE_IP } from "../support/gcp-engine.ts";

const CUSTOMER = `customer: acme
target: gcp
gcp: { zone: europe-west3-a, project: acme-data-dev, machineType: e2-small, labels: { team: data } }
dns: { zone: ssh.example.com }
aws: { region: eu-central-1 }
local: { host: elsewhere.example.com }
clientCidrs: [198.51.100.0/24]
consumerCidrs: [10.20.0.0/16]
sshPort: 2200
tunnels: [{ name: orders, destination: "db:5432" }, { name: billing }, { name: flow }]
clients: [{ name: dr-site, generateKey: ed25519 }]
consumers: [{ name: flow, generateKey: rsa-pem }]
`;

const up = (text = CUSTOMER) => deploy(() => deployGcp(parseBastionFile(text, "acme.yaml")), GCP_ENGINE);

test("a customer's file becomes a bastion that is named after the customer, with the settings of its target", async () => {
  const { registered, result, error } = await up();
  expect(error).toBeUndefined();
  expect(registered.filter(({ parent }) => parent === undefined).map(({ type, name }) => `${type} ${name}`)).toEqual([
    "reverse-bastion:gcp:GcpBastion acme",
  ]);
  expect(registered.find(({ name }) => name === "acme-instance")?.inputs).toMatchObject({
    zone: "europe-west3-a",
    project: "acme-data-dev",
    machineType: "e2-small",
    labels: { "reverse-bastion": "project_stack_acme", team: "data" },
  });
  expect(await settled(result.endpoint)).toBe("ssh://tunnel@acme.ssh.example.com:2200");
  expect((await settled(result.tunnels))[0]?.consumerAddresses).toEqual([`${PRIVATE_IP}:15000`]);
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
