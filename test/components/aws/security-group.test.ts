import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { AwsBastionArgs } from "../../../components/aws/aws-bastion.ts";
import { TAGS, up } from "../../support/aws-bastion.ts";
import { AWS_ENGINE, awsOutputs, EXISTING } from "../../support/aws-engine.ts";
import { type EngineOptions, settled } from "../../support/engine.ts";
import { ED25519_A } from "../../support/keys.ts";
import { ofType, resourceIn } from "../../support/registered.ts";

const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

/** The rules of one direction, by the names of their resources. */
const rulesOf = async (type: string, args: Partial<AwsBastionArgs> = {}, engine: EngineOptions = {}) => {
  const { registered, error } = await up(args, engine);
  expect(error).toBeUndefined();
  const rules = ofType(registered, type);
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  return Object.fromEntries(rules.map(({ name, inputs }) => [name.replace(/^acme-/, ""), inputs]));
};

const rule = (port: unknown, source: object, description: string) => ({
  securityGroupId: "acme-security-group-id",
  ipProtocol: "tcp",
  fromPort: port,
  toPort: port,
  ...source,
  description,
  tags: TAGS,
});

test("the group stands in the bastion's VPC, and nothing in it varies that would replace it", async () => {
  const group = { namePrefix: "bastion-acme-", description: "Reverse SSH bastion", tags: TAGS };
  const { registered, result } = await up();
  expect(resourceIn(registered, "acme-security-group").inputs).toEqual({ ...group, vpcId: "acme-vpc-id" });
  expect(await settled(result.securityGroupId)).toBe("acme-security-group-id");
  const inExisting = await up({ ...EXISTING, firewallNote: "TICKET-1" });
  expect(resourceIn(inExisting.registered, "acme-security-group").inputs).toEqual({ ...group, vpcId: EXISTING.vpcId });
});

test("inwards: logins from clientCidrs, bind ports from consumerCidrs, and nothing for a tunnel on loopback", async () => {
  expect(await rulesOf(INGRESS)).toEqual({
    "ssh-from-198.51.100.0-24": rule(2222, { cidrIpv4: "198.51.100.0/24" }, "Clients to sshd"),
    "tunnel-orders-from-10.20.0.0-16": rule(15000, { cidrIpv4: "10.20.0.0/16" }, "Consumers to tunnel orders"),
    "tunnel-billing-from-10.20.0.0-16": rule(15001, { cidrIpv4: "10.20.0.0/16" }, "Consumers to tunnel billing"),
  });
});

test("a bind port is the one that was allocated, whichever that is", async () => {
  const outputsOf: EngineOptions["outputsOf"] = (resource) =>
    resource.type.endsWith("BindPorts") ? { bindPorts: { orders: 15000, billing: 15123, flow: 8080 } } : awsOutputs(resource);
  expect((await rulesOf(INGRESS, {}, { outputsOf }))["tunnel-billing-from-10.20.0.0-16"]).toMatchObject({ fromPort: 15123, toPort: 15123 });
});

test("a bind port that a preview does not know yet is unknown in the rule, and the rule is shown", async () => {
  const { fromPort, toPort, ...known } =
    (await rulesOf(INGRESS, {}, { preview: true, outputsOf: () => ({}) }))["tunnel-billing-from-10.20.0.0-16"] ?? {};
  expect([fromPort, toPort]).toEqual([pulumi.runtime.unknownValue, pulumi.runtime.unknownValue]);
  expect(known).toMatchObject({ cidrIpv4: "10.20.0.0/16", description: "Consumers to tunnel billing" });
});

test("one rule for each port and block, a block of IPv6 as such, and each once however it is written", async () => {
  const rules = await rulesOf(INGRESS, {
    ipv6: true,
    sshPort: 2200,
    clientCidrs: ["198.51.100.0/24", "198.51.100.0/24", "2001:db8:1::/48", "2001:0DB8:1:0::/48", "::/0"],
    consumerCidrs: ["10.20.0.0/16"],
    tunnels: [{ name: "orders" }, { name: "billing", bindAddress: "10.255.0.9" }, { name: "flow", bindAddress: "loopback" }],
    privateAddress: "10.255.0.9",
    clients: [],
    consumers: [],
  });
  expect(rules).toEqual({
    "ssh-from-198.51.100.0-24": rule(2200, { cidrIpv4: "198.51.100.0/24" }, "Clients to sshd"),
    "ssh-from-2001.db8.1..-48": rule(2200, { cidrIpv6: "2001:db8:1::/48" }, "Clients to sshd"),
    "ssh-from-..-0": rule(2200, { cidrIpv6: "::/0" }, "Clients to sshd"),
    "tunnel-orders-from-10.20.0.0-16": rule(15000, { cidrIpv4: "10.20.0.0/16" }, "Consumers to tunnel orders"),
    "tunnel-billing-from-10.20.0.0-16": rule(15001, { cidrIpv4: "10.20.0.0/16" }, "Consumers to tunnel billing"),
  });
});

test("port 22 is open to an admin only", async () => {
  expect(Object.values(await rulesOf(INGRESS)).filter(({ fromPort }) => fromPort === 22)).toEqual([]);
  const admin = { publicKey: ED25519_A.line, cidrs: ["192.0.2.0/24", "192.0.2.0/24"] };
  expect(Object.entries(await rulesOf(INGRESS, { admin })).filter(([, { fromPort }]) => fromPort === 22)).toEqual([
    ["admin-from-192.0.2.0-24", rule(22, { cidrIpv4: "192.0.2.0/24" }, "Admin")],
  ]);
});

test("outwards: the SSM endpoint and updates, and over IPv6 only where the bastion has it", async () => {
  const ipv4 = {
    "https-out": rule(443, { cidrIpv4: "0.0.0.0/0" }, "SSM and updates"),
    "http-out": rule(80, { cidrIpv4: "0.0.0.0/0" }, "updates"),
  };
  expect(await rulesOf(EGRESS)).toEqual(ipv4);
  expect(await rulesOf(EGRESS, { ipv6: true })).toEqual({
    ...ipv4,
    "https-out-ipv6": rule(443, { cidrIpv6: "::/0" }, "SSM and updates"),
    "http-out-ipv6": rule(80, { cidrIpv6: "::/0" }, "updates"),
  });
});

test("the description of each rule ends with the note", async () => {
  const { registered } = await up({ firewallNote: "TICKET-123 (network team)" });
  const descriptions = [INGRESS, EGRESS].flatMap((type) => ofType(registered, type).map(({ inputs }) => inputs.description));
  expect(descriptions.sort()).toEqual([
    "Clients to sshd: TICKET-123 (network team)",
    "Consumers to tunnel billing: TICKET-123 (network team)",
    "Consumers to tunnel orders: TICKET-123 (network team)",
    "SSM and updates: TICKET-123 (network team)",
    "updates: TICKET-123 (network team)",
  ]);
});

test("as many rules as the check counts are made, and no more", async () => {
  const blocks = (third: number, count: number) => Array.from({ length: count }, (_, i) => `198.51.${third + i}.0/24`);
  const tunnels = Array.from({ length: 5 }, (_, i) => ({ name: ["orders", "billing", "flow", "a", "b"][i] ?? "" }));
  const args = { clientCidrs: blocks(0, 10), consumerCidrs: blocks(100, 10), tunnels, clients: [], consumers: [] };
  const outputsOf: EngineOptions["outputsOf"] = (resource) =>
    resource.type.endsWith("BindPorts") ? { bindPorts: { orders: 1, billing: 2, flow: 3, a: 4, b: 5 } } : awsOutputs(resource);
  expect(Object.keys(await rulesOf(INGRESS, args, { ...AWS_ENGINE, outputsOf }))).toHaveLength(60);
  const { error } = await up({ ...args, clientCidrs: blocks(0, 11) });
  expect((error as Error).message).toMatch(/^consumerCidrs: 5 tunnels for 10 IPv4 blocks, and 11 .* are 61 firewall rules/);
});
