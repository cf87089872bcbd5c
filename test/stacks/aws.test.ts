import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { deploy as deployAws } from "../../stacks/aws.ts";
import { AWS_ENGINE, PRIVATE_IP } from "../support/aws-engine.ts";
import { parseBastionFile } from "../support/customer-files.ts";
import { deploy, settled } from "../support/engine.ts";

const CUSTOMER = `customer: acme
target: aws
aws: { region: eu-central-1, instanceType: t4g.nano, tags: { team: data } }
dns: { zone: ssh.example.com }
local: { host: elsewhere.example.com }
clientCidrs: [198.51.100.0/24]
consumerCidrs: [10.20.0.0/16]
sshPort: 2200
tunnels: [{ name: orders, destination: "db:5432" }, { name: billing }, { name: flow }]
clients: [{ name: dr-site, generateKey: ed25519 }]
consumers: [{ name: flow, generateKey: rsa-pem }]
`;
const PROVIDER = "pulumi:providers:aws::aws";

const up = (text = CUSTOMER) => deploy(() => deployAws(parseBastionFile(text, "acme.yaml")), AWS_ENGINE);

test("a customer's file becomes a bastion that is named after the customer, with the settings of its target", async () => {
  const { registered, result, error } = await up();
  expect(error).toBeUndefined();
  expect(registered.filter(({ parent }) => parent === undefined).map(({ type, name }) => `${type} ${name}`)).toEqual([
    "pulumi:providers:aws aws",
    "reverse-bastion:aws:AwsBastion acme",
  ]);
  expect(registered.find(({ name }) => name === "acme-instance")?.inputs).toMatchObject({
    instanceType: "t4g.nano",
    tags: { Name: "acme", "reverse-bastion": "project/stack/acme", team: "data" },
  });
  expect(await settled(result.endpoint)).toBe("ssh://tunnel@acme.ssh.example.com:2200");
  expect((await settled(result.tunnels))[0]?.consumerAddresses).toEqual([`${PRIVATE_IP}:15000`]);
});

test("the region is that of everything that is AWS's", async () => {
  const { registered, called } = await up();
  expect(registered.find(({ type }) => type === "pulumi:providers:aws")?.inputs).toMatchObject({ region: "eu-central-1" });
  for (const { type, name, options } of registered)
    expect([name, options.provider]).toEqual([name, type.startsWith("aws:") ? PROVIDER : undefined]);
  expect(called.map(({ token, provider }) => [token, provider]).sort()).toEqual([
    ["aws:ec2/getAmi:getAmi", PROVIDER],
    ["aws:route53/getZone:getZone", PROVIDER],
  ]);
});

test("without a region, the AWS configuration of the stack says which", async () => {
  for (const settings of ["aws: { instanceType: t4g.nano }\n", ""]) {
    const { registered, called, error } = await up(CUSTOMER.replace(/^aws:.*\n/m, settings));
    expect(error).toBeUndefined();
    expect(registered.filter(({ type, options }) => type.startsWith("pulumi:") || options.provider !== undefined)).toEqual([]);
    expect(called.filter(({ provider }) => provider !== undefined)).toEqual([]);
  }
});

test("every stack exports the same outputs, and only the private keys are secret", async () => {
  const { result } = await up();
  const secrets = await Promise.all(
    Object.entries(result).map(async ([name, output]) => [name, await pulumi.isSecret(output as pulumi.Output<unknown>)]),
  );
  expect(secrets).toEqual([
    ["host", false],
    ["sshPort", false],
    ["statusPort", false],
    ["user", false],
    ["consumerUser", false],
    ["endpoint", false],
    ["consumerEndpoint", false],
    ["hostKeys", false],
    ["knownHosts", false],
    ["tunnels", false],
    ["clients", false],
    ["consumers", false],
    ["operators", false],
    ["clientPrivateKeys", true],
    ["consumerPrivateKeys", true],
    ["operatorPrivateKeys", true],
  ]);
});
