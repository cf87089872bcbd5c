import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { GcpBastionArgs } from "../../../components/gcp/gcp-bastion.ts";
import type { EngineOptions } from "../../support/engine.ts";
import { SERVICE_ACCOUNT, up } from "../../support/gcp-bastion.ts";
import { EXISTING, gcpOutputs, NETWORK_LINK, PROJECT } from "../../support/gcp-engine.ts";
import { ED25519_A } from "../../support/keys.ts";
import { ofType } from "../../support/registered.ts";

/** The rules, by the roles of their resources. */
const rulesOf = async (args: Partial<GcpBastionArgs> = {}, engine: EngineOptions = {}) => {
  const { registered, error } = await up(args, engine);
  expect(error).toBeUndefined();
  const rules = ofType(registered, "gcp:compute/firewall:Firewall");
  return Object.fromEntries(rules.map(({ name, inputs }) => [name.replace(/^acme-/, ""), inputs]));
};

const rule = (description: string, rest: object) => ({
  network: "acme-network-id",
  direction: "INGRESS",
  targetServiceAccounts: [SERVICE_ACCOUNT],
  description,
  ...rest,
});
const allow = (description: string, sourceRanges: unknown, ports: unknown) =>
  rule(description, { priority: 800, sourceRanges, allows: [{ protocol: "tcp", ports }] });
const DENY = { priority: 900, sourceRanges: ["0.0.0.0/0"], denies: [{ protocol: "all" }] };

test("inwards: logins from clientCidrs, bind ports from consumerCidrs but for loopback, and nobody else, whatever the network says", async () => {
  expect(await rulesOf()).toEqual({
    "allow-ssh": allow("Clients to sshd", ["198.51.100.0/24"], ["2222"]),
    "allow-tunnels": allow("Consumers to tunnels", ["10.20.0.0/16"], ["15000-15001"]),
    "deny-rest": rule("Nobody else to the bastion", DENY),
  });
});

test("what is refused comes after what is allowed, and before rules that people make, which have 1000", async () => {
  const rules = Object.values(await rulesOf({ admin: { publicKey: ED25519_A.line, cidrs: ["192.0.2.0/24"] } }));
  const priorities = (field: string) => rules.filter((each) => each[field] !== undefined).map(({ priority }) => priority as number);
  expect(Math.max(...priorities("allows"))).toBeLessThan(Math.min(...priorities("denies")));
  expect(Math.max(...priorities("denies"))).toBeLessThan(1000);
  expect(Math.min(...priorities("allows"))).toBeGreaterThan(0);
});

test("the ports are those that were allocated, in ranges", async () => {
  const bindPorts = { orders: 15123, billing: 15000, flow: 8080 };
  const outputsOf: EngineOptions["outputsOf"] = (resource) => (resource.type.endsWith("BindPorts") ? { bindPorts } : gcpOutputs(resource));
  expect((await rulesOf({}, { outputsOf }))["allow-tunnels"]?.allows).toEqual([{ protocol: "tcp", ports: ["15000", "15123"] }]);
});

test("ports that a preview does not know yet are unknown in the rule, and the rule is shown", async () => {
  const { allows, ...known } = (await rulesOf(EXISTING, { preview: true, outputsOf: () => ({}) }))["allow-tunnels"] ?? {};
  const unknown = pulumi.runtime.unknownValue;
  expect(allows).toEqual([{ protocol: "tcp", ports: unknown }]);
  expect(known).toMatchObject({ network: NETWORK_LINK, sourceRanges: ["10.20.0.0/16"], targetServiceAccounts: [unknown] });
});

test("each block once, in the one order, whatever the author's", async () => {
  const clientCidrs = ["203.0.113.0/24", "198.51.100.0/24", "203.0.113.0/24"];
  expect((await rulesOf({ clientCidrs, sshPort: 2200 }))["allow-ssh"]).toEqual(
    allow("Clients to sshd", ["198.51.100.0/24", "203.0.113.0/24"], ["2200"]),
  );
});

test("port 22 is open to an admin only", async () => {
  expect(JSON.stringify(await rulesOf())).not.toContain('"22"');
  const rules = await rulesOf({ admin: { osLogin: true, cidrs: ["35.235.240.0/20", "192.0.2.0/24"] } });
  expect(rules["allow-admin"]).toEqual(allow("Admin", ["192.0.2.0/24", "35.235.240.0/20"], ["22"]));
});

test("in an existing network, the rules belong to its project, which with a shared VPC is another one", async () => {
  for (const project of [PROJECT, "host-project"]) {
    const network = NETWORK_LINK.replace(PROJECT, project);
    const calls = {
      "gcp:compute/getImage:getImage": () => ({ selfLink: "" }),
      "gcp:compute/getSubnetwork:getSubnetwork": () => ({ network, selfLink: "" }),
    };
    for (const each of Object.values(await rulesOf({ ...EXISTING, project: "machines-project" }, { calls })))
      expect([each.network, each.project]).toEqual([network, project]);
  }
});

test("the description of each rule ends with the note", async () => {
  const rules = await rulesOf({ firewallNote: "TICKET-123 (network team)" });
  expect(
    Object.values(rules)
      .map(({ description }) => description)
      .toSorted(),
  ).toEqual([
    "Clients to sshd: TICKET-123 (network team)",
    "Consumers to tunnels: TICKET-123 (network team)",
    "Nobody else to the bastion: TICKET-123 (network team)",
  ]);
});
