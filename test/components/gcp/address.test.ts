import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { GcpBastionArgs } from "../../../components/gcp/gcp-bastion.ts";
import { settled } from "../../support/engine.ts";
import { inputsOf, LABELS, SERVICE_ACCOUNT, up } from "../../support/gcp-bastion.ts";
import { EXISTING, GCP_ENGINE, managedZone, PRIVATE_IP, PUBLIC_IP, REGION, SUBNETWORK_LINK } from "../../support/gcp-engine.ts";
import { resourceIn } from "../../support/registered.ts";

const dns = { zone: "ssh.example.com" };
const ADDRESS = { description: "Reverse SSH bastion", region: REGION, labels: LABELS };

test("both addresses are reserved, so that they outlive the machine", async () => {
  expect(await inputsOf("acme-public-ip")).toEqual({ ...ADDRESS, addressType: "EXTERNAL", networkTier: "PREMIUM" });
  expect(await inputsOf("acme-private-ip")).toEqual({ ...ADDRESS, addressType: "INTERNAL", subnetwork: "acme-subnetwork-id" });
  expect(await inputsOf("acme-private-ip", { ...EXISTING, privateAddress: "10.0.0.9" })).toEqual({
    ...ADDRESS,
    addressType: "INTERNAL",
    subnetwork: SUBNETWORK_LINK,
    address: "10.0.0.9",
  });
});

test("the public address is protected where that was asked for, and nothing else is", async () => {
  const isProtected = async (args: Partial<GcpBastionArgs>) =>
    (await up(args)).registered.filter(({ options }) => options.protect).map(({ name }) => name);
  expect(await isProtected({})).toEqual([]);
  expect(await isProtected({ protectAddress: true })).toEqual(["acme-public-ip"]);
});

test.each<[string, Partial<GcpBastionArgs>, string, string, string]>([
  ["the public address", {}, PUBLIC_IP, PUBLIC_IP, PRIVATE_IP],
  ["the private address", { ...EXISTING, privateOnly: true }, PRIVATE_IP, "", PRIVATE_IP],
  ["the private address that was chosen", { ...EXISTING, privateOnly: true, privateAddress: "10.0.0.9" }, "10.0.0.9", "", "10.0.0.9"],
  ["the name", { dns }, "acme.ssh.example.com", PUBLIC_IP, PRIVATE_IP],
  ["the name, also inside", { ...EXISTING, privateOnly: true, dns: { ...dns, name: "a.b" } }, "a.b.ssh.example.com", "", PRIVATE_IP],
])("clients dial %s", async (_what, args, host, publicIp, privateIp) => {
  const { result } = await up(args);
  expect([await settled(result.host), await settled(result.publicIp), await settled(result.privateIp)]).toEqual([
    host,
    publicIp,
    privateIp,
  ]);
  expect(await settled(result.endpoint)).toBe(`ssh://tunnel@${host}:2222`);
});

test.each<[string, Partial<GcpBastionArgs>, string[]]>([
  ["inside, the private address", { consumerCidrs: ["10.20.0.0/16"], dns }, [PRIVATE_IP]],
  ["outside, the name", { consumerCidrs: ["203.0.113.0/24"], dns }, ["acme.ssh.example.com"]],
  ["both, both", { consumerCidrs: ["10.20.0.0/16", "203.0.113.0/24"] }, [PRIVATE_IP, PUBLIC_IP]],
  [
    "private only, the one address, once",
    { ...EXISTING, privateOnly: true, consumerCidrs: ["10.20.0.0/16", "203.0.113.0/24"] },
    [PRIVATE_IP],
  ],
])("consumers who are %s reach the bind ports", async (_what, args, hosts) => {
  const [orders, , flow] = await settled((await up(args)).result.tunnels);
  expect([orders?.consumerAddresses, flow?.consumerAddresses]).toEqual([hosts.map((host) => `${host}:15000`), []]);
});

test("what others need to refer to the bastion is an output", async () => {
  const { result } = await up();
  expect([await settled(result.serviceAccountEmail), await settled(result.instanceId)]).toEqual([SERVICE_ACCOUNT, "acme-instance-id"]);
});

// The name.

test("the name is a record of the address clients dial, in the zone of that domain", async () => {
  const record = { managedZone: "ssh-example-com", name: "acme.ssh.example.com.", type: "A", ttl: 300 };
  expect(await inputsOf("acme-dns-record", { dns })).toEqual({ ...record, rrdatas: [PUBLIC_IP] });
  expect(await inputsOf("acme-dns-record", { ...EXISTING, privateOnly: true, dns })).toEqual({
    ...record,
    managedZone: "ssh-example-com-inside",
    rrdatas: [PRIVATE_IP],
  });
});

test.each([
  ["ssh", {}, { managedZone: "ssh" }],
  ["ssh", { project: "acme-data-dev" }, { managedZone: "ssh", project: "acme-data-dev" }],
  ["projects/acme-dns/managedZones/ssh", { project: "acme-data-dev" }, { managedZone: "ssh", project: "acme-dns" }],
])("a zone that is named as %s is not looked up", async (zoneId, args, expected) => {
  const { registered, called } = await up({ ...args, dns: { ...dns, zoneId } });
  expect(called.map(({ token }) => token)).toEqual(["gcp:compute/getImage:getImage"]);
  const { managedZone: zone, project } = resourceIn(registered, "acme-dns-record").inputs;
  expect({ managedZone: zone, ...(project === undefined ? {} : { project }) }).toEqual(expected);
});

test("a zone only the other side sees is better than none", async () => {
  const calls = {
    ...GCP_ENGINE.calls,
    "gcp:dns/getManagedZones:getManagedZones": () => ({ managedZones: [managedZone("in", "ssh.example.com.", "private")] }),
  };
  expect((await inputsOf("acme-dns-record", { dns }, { calls })).managedZone).toBe("in");
});

test.each([
  [[], "there is no managed zone for ssh.example.com in the project; make one, or name one of another project in zoneId"],
  [
    [managedZone("example-com", "example.com.")],
    "there is no managed zone for ssh.example.com in the project; make one, or name one of another project in zoneId",
  ],
  [
    [managedZone("a", "ssh.example.com."), managedZone("b", "ssh.example.com.")],
    "a and b are zones for ssh.example.com; say which one in zoneId",
  ],
])("with the zones %j, the name is refused with a remedy, in the preview already", async (managedZones, reason) => {
  const calls = { ...GCP_ENGINE.calls, "gcp:dns/getManagedZones:getManagedZones": () => ({ managedZones }) };
  for (const preview of [true, false]) {
    const { error, registered } = await up({ dns }, { calls, preview });
    expect(pulumi.ResourceError.isInstance(error)).toBe(true);
    expect((error as Error).message.endsWith(`dns.zone: ${reason}`)).toBe(true);
    expect(registered.map(({ name }) => name)).not.toContain("acme-dns-record");
  }
});
