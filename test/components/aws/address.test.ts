import { expect, test } from "vitest";
import type { AwsBastionArgs } from "../../../components/aws/aws-bastion.ts";
import { inputsOf, TAGS, up } from "../../support/aws-bastion.ts";
import { EXISTING, IPV6_ADDRESS, PRIVATE_IP, PUBLIC_IP, ZONE_ID } from "../../support/aws-engine.ts";
import { settled } from "../../support/engine.ts";
import { ofType, resourceIn } from "../../support/registered.ts";

const RECORD = "aws:route53/record:Record";
const dns = { zone: "ssh.example.com" };

test("the addresses belong to a network interface, which outlives the machine", async () => {
  expect(await inputsOf("acme-network-interface")).toEqual({
    subnetId: "acme-subnet-id",
    securityGroups: ["acme-security-group-id"],
    description: "Reverse SSH bastion",
    tags: TAGS,
  });
  expect(await inputsOf("acme-network-interface", { privateAddress: "10.255.0.9", ipv6: true })).toMatchObject({
    privateIps: ["10.255.0.9"],
    ipv6AddressCount: 1,
  });
  expect(await inputsOf("acme-elastic-ip")).toEqual({ domain: "vpc", tags: TAGS });
  expect(await inputsOf("acme-elastic-ip-association")).toEqual({
    allocationId: "acme-elastic-ip-allocation",
    networkInterfaceId: "acme-network-interface-id",
  });
});

test("the public address is protected where that was asked for, and nothing else is", async () => {
  const isProtected = async (args: Partial<AwsBastionArgs>) =>
    (await up(args)).registered.filter(({ options }) => options.protect).map(({ name }) => name);
  expect(await isProtected({})).toEqual([]);
  expect(await isProtected({ protectAddress: true })).toEqual(["acme-elastic-ip"]);
});

test.each<[string, Partial<AwsBastionArgs>, string, string, string]>([
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
  expect((await settled(result.knownHosts)).split("\n")[0]).toMatch(new RegExp(`^\\[${host.replaceAll(".", "\\.")}\\]:2222 `));
});

test.each<[string, Partial<AwsBastionArgs>, string[]]>([
  ["inside, the private address", { consumerCidrs: ["10.20.0.0/16"] }, [PRIVATE_IP]],
  ["inside, the private address, also where clients have a name", { consumerCidrs: ["10.20.0.0/16"], dns }, [PRIVATE_IP]],
  ["outside, where clients dial", { consumerCidrs: ["203.0.113.0/24"] }, [PUBLIC_IP]],
  ["outside, the name", { consumerCidrs: ["203.0.113.0/24"], dns }, ["acme.ssh.example.com"]],
  ["both, both", { consumerCidrs: ["10.20.0.0/16", "203.0.113.0/24"] }, [PRIVATE_IP, PUBLIC_IP]],
  ["anywhere, where clients dial", { consumerCidrs: ["0.0.0.0/0"] }, [PUBLIC_IP]],
  [
    "private only, the one address, once",
    { ...EXISTING, privateOnly: true, consumerCidrs: ["10.20.0.0/16", "203.0.113.0/24"] },
    [PRIVATE_IP],
  ],
])("consumers who are %s reach the bind ports", async (_what, args, hosts) => {
  const { result } = await up(args);
  const [orders, , flow] = await settled(result.tunnels);
  expect([orders?.consumerAddresses, flow?.consumerAddresses]).toEqual([hosts.map((host) => `${host}:15000`), []]);
});

test("the name is a record of the address, and another one of the IPv6 address", async () => {
  const { registered } = await up({ dns, ipv6: true });
  expect(Object.fromEntries(ofType(registered, RECORD).map(({ name, inputs }) => [name, inputs]))).toEqual({
    "acme-dns-record": { zoneId: ZONE_ID, name: "acme.ssh.example.com", type: "A", ttl: 300, records: [PUBLIC_IP] },
    "acme-dns-record-ipv6": { zoneId: ZONE_ID, name: "acme.ssh.example.com", type: "AAAA", ttl: 300, records: [IPV6_ADDRESS] },
  });
  const inside = await up({ ...EXISTING, privateOnly: true, dns });
  expect(resourceIn(inside.registered, "acme-dns-record").inputs).toMatchObject({ type: "A", records: [PRIVATE_IP] });
});

test("a zone is looked up by its name, and one with an id is not", async () => {
  const byName = await up({ dns });
  expect(byName.called).toContainEqual({ token: "aws:route53/getZone:getZone", inputs: { name: "ssh.example.com" } });
  const byId = await up({ dns: { ...dns, zoneId: "Z1" } });
  expect(byId.called.map(({ token }) => token)).toEqual(["aws:ec2/getAmi:getAmi"]);
  expect(resourceIn(byId.registered, "acme-dns-record").inputs.zoneId).toBe("Z1");
});
