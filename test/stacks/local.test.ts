import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { deploy as deployLocal } from "../../stacks/local.ts";
import { parseBastionFile } from "../support/customer-files.ts";
import { deploy, settled } from "../support/engine.ts";
import { LOCAL_ENGINE } from "../support/local-engine.ts";

const CUSTOMER = `customer: acme
target: local
local: { host: bastion.example.com, listenAddress: 203.0.113.2, directory: /srv/acme }
clientCidrs: [198.51.100.0/24]
consumerCidrs: [0.0.0.0/0]
sshPort: 2200
tunnels: [{ name: orders, destination: "db:5432" }, { name: billing }, { name: flow }]
clients: [{ name: dr-site, generateKey: ed25519 }]
consumers: [{ name: flow, generateKey: rsa-pem }]
`;

const up = () => deploy(() => deployLocal(parseBastionFile(CUSTOMER, "acme.yaml")), LOCAL_ENGINE);

test("a customer's file becomes a bastion that is named after the customer", async () => {
  const { registered, called, error } = await up();
  expect(error).toBeUndefined();
  expect(registered.filter(({ parent }) => parent === undefined).map(({ type, name }) => `${type} ${name}`)).toEqual([
    "reverse-bastion:local:LocalBastion acme",
  ]);
  expect(called.map(({ inputs }) => inputs)).toEqual([
    { id: "project-stack-acme", directory: "/srv/acme", tunnelUser: "tunnel", consumerUser: "consumer" },
  ]);
  expect(registered.find(({ name }) => name === "acme-sshd")?.inputs).toMatchObject({ probeAddress: "203.0.113.2", sshPort: 2200 });
});

test("every stack exports the same outputs, and only the private keys are secret", async () => {
  const { result } = await up();
  const secrets = await Promise.all(Object.entries(result).map(async ([name, output]) => [name, await pulumi.isSecret(output)]));
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
  expect([await settled(result.host), await settled(result.endpoint)]).toEqual([
    "bastion.example.com",
    "ssh://tunnel@bastion.example.com:2200",
  ]);
});
