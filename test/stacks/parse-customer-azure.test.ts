import { expect, test } from "vitest";
import { DISK_ENCRYPTION_SET_ID, GALLERY_IMAGE_ID, SUBNET_ID, VIRTUAL_NETWORK_ID, ZONE_ID } from "../support/azure-engine.ts";
import { parseBastionFile } from "../support/customer-files.ts";
import { ED25519_A } from "../support/keys.ts";
import { problemsOf } from "../support/problems.ts";

/** The first six lines of a file. */
const head = (target: string) => `customer: acme
target: ${target}
clientCidrs: [198.51.100.0/24]
consumerCidrs: [10.20.0.0/16]
tunnels: [{ name: orders, bindPort: 15000 }]
clients: [{ name: dc1, generateKey: ed25519 }]
`;
const AZURE = head("azure");
const PLACED = `${AZURE}azure: { location: westeurope }\n`;

/** What is wrong with a file, as `line path: reason`. */
const problemsIn = (text: string) =>
  problemsOf(() => parseBastionFile(text, "acme.yaml")).map(({ path, reason }) => `${path.slice("acme.yaml:".length)}: ${reason}`);

test.each([
  [{ subnetId: SUBNET_ID, imageId: GALLERY_IMAGE_ID }],
  [{ virtualNetworkId: VIRTUAL_NETWORK_ID, networkCidr: "10.0.7.0/28", privateAddress: "10.0.7.7", imageVersion: "0.20261110.2291" }],
])("a whole file for Azure is read: %j", (place) => {
  const settings = {
    location: "westeurope",
    resourceGroup: "acme-prod",
    ...place,
    privateOnly: true,
    protectAddress: true,
    serviceEndpoints: ["Microsoft.Sql"],
    vmSize: "Standard_D2s_v5",
    image: "debian-12",
    diskSizeGib: 64,
    diskEncryptionSetId: DISK_ENCRYPTION_SET_ID,
    trustedLaunch: false,
    zone: "2",
    admin: { publicKey: ED25519_A.line, user: "jane", cidrs: ["192.0.2.0/24"] },
    firewallNote: "TICKET-1",
    tags: { team: "data", "Cost center": "42" },
  };
  const file = parseBastionFile(
    `${AZURE}azure: ${JSON.stringify(settings)}\ndns: { zone: ssh.example.com, zoneId: ${ZONE_ID} }\n`,
    "acme.yaml",
  );
  expect([file.azure, file.dns]).toEqual([settings, { zone: "ssh.example.com", zoneId: ZONE_ID }]);
});

test("a location is all that Azure needs, and that it does need", () => {
  expect(parseBastionFile(PLACED, "acme.yaml").azure).toEqual({ location: "westeurope" });
  expect(problemsIn(AZURE)).toEqual(['1 azure: is missing; say at least in which location: "azure: { location: westeurope }"']);
  expect(problemsIn(`${AZURE}azure: {}\n`)).toEqual(["7 azure.location: is missing; expected a text"]);
  expect(problemsIn(`${AZURE}azure: westeurope\n`)).toEqual(['7 azure: got "westeurope"; expected a mapping']);
});

test("problems of the target's settings come with their lines, together with all others", () => {
  const text = `${AZURE.replace("orders, bindPort: 15000", "orders, bindPort: 22").replace("198.51.100.0/24", "2001:db8::/32")}azure:
  location: West Europe
  virtualNetworkId: ${VIRTUAL_NETWORK_ID}
  vmSize: t4g.micro
  serviceEndpoints:
    - Microsoft.Sql
    - Sql
  admin:
    publicKey: ${ED25519_A.line}
    user: admin
    cidrs:
      - 192.0.2.0/24
      - 192.0.2.1/24
  tags:
    azure-team: data
dns:
  zone: ssh.example.com.
`;
  expect(problemsIn(text).sort()).toEqual(
    [
      '3 clientCidrs[0]: got "2001:db8::/32", and the bastion has no IPv6 address; name the IPv4 block, or leave it out',
      "5 tunnels[0].bindPort: got 22; a bind port is 1024–32767 (below are privileged ports, above the kernel's outgoing ones)",
      "7 azure.networkCidr: is missing; say which addresses of the virtual network the bastion's subnet gets",
      '8 azure.location: got "West Europe"; write "westeurope"',
      '10 azure.vmSize: got "t4g.micro"; expected a size of virtual machines such as "Standard_B2ats_v2"',
      '13 azure.serviceEndpoints[1]: got "Sql"; expected a service such as "Microsoft.Sql"',
      '16 azure.admin.user: "admin" is a name that Azure refuses; choose another, such as "bastion-admin"',
      '19 azure.admin.cidrs[1]: "192.0.2.1/24" has host bits set; write "192.0.2.0/24" for the block or "192.0.2.1/32" for the one address',
      '21 azure.tags.azure-team: keys that begin with "microsoft", "azure" or "windows" are Azure\'s own; choose another',
      '22 dns.zoneId: is missing; a zone of Azure DNS is known by its id, such as "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.Network/dnszones/ssh.example.com"',
      '23 dns.zone: got "ssh.example.com."; expected the zone\'s name, such as ssh.example.com',
    ].sort(),
  );
});

test("what does not go with the settings of Azure is found at what does not", () => {
  expect(problemsIn(PLACED.replace("name: orders", "name: orders, bindAddress: 203.0.113.9"))).toEqual([
    "5 tunnels[0].bindAddress: 203.0.113.9 is not the private address of the bastion; set privateAddress to 203.0.113.9, and it will be",
  ]);
  expect(
    problemsIn(
      `${AZURE}tunnelUser: bastion-admin\nazure: { location: westeurope, admin: { publicKey: "${ED25519_A.line}", cidrs: [192.0.2.0/24] } }\n`,
    ),
  ).toEqual(['7 tunnelUser: "bastion-admin" is the admin\'s user too; give one of them another name']);
});

test.each([
  ["azure: { location: a, image: debian-11 }", '7 azure.image: got "debian-11"; allowed is debian-13, debian-12, ubuntu-24.04'],
  ["azure: { location: a, privateOnly: maybe }", '7 azure.privateOnly: got "maybe"; expected true or false'],
  ["azure: { location: a, diskSizeGib: 30.5 }", "7 azure.diskSizeGib: got 30.5; expected a whole number"],
  ["azure: { location: a, zone: 1 }", "7 azure.zone: got 1; expected a text"],
  ["azure: { location: a, serviceEndpoints: Microsoft.Sql }", '7 azure.serviceEndpoints: got "Microsoft.Sql"; expected a list'],
  ["azure: { location: a, tags: { a: 1 } }", "7 azure.tags.a: got 1; expected a text"],
  ["azure: { location: a, admin: { cidrs: [] } }", "7 azure.admin.publicKey: is missing; expected a text"],
  ["azure: { location: a, region: eu }", "7 azure.region: is no field here; allowed is location"],
])("%s is refused for its shape, whichever target is chosen", (line, problem) => {
  for (const file of [AZURE, head("local"), head("aws")])
    expect(problemsIn(`${file}${line}\n`).some((found) => found.startsWith(problem))).toBe(true);
});

test("settings of another target are looked at for their shape only", () => {
  expect(parseBastionFile(`${head("aws")}azure: { location: x y, vmSize: y }\n`, "acme.yaml").target).toBe("aws");
  expect(parseBastionFile(`${PLACED}aws: { subnetId: x }\ngcp: { zone: x }\n`, "acme.yaml").target).toBe("azure");
  expect(problemsIn(`${AZURE}azure: { location: x y, vmSize: y }\n`)).toHaveLength(2);
});

test("the same file moves between the targets when only these and the place are changed", () => {
  const { target: _first, azure: _azure, ...azure } = parseBastionFile(PLACED, "acme.yaml");
  const { target: _second, gcp: _gcp, ...gcp } = parseBastionFile(`${head("gcp")}gcp: { zone: europe-west3-a }\n`, "acme.yaml");
  const { target: _third, aws: _aws, ...aws } = parseBastionFile(`${head("aws")}aws: { region: eu-central-1 }\n`, "acme.yaml");
  expect([azure, azure]).toEqual([gcp, aws]);
});
