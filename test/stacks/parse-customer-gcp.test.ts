import { expect, test } from "vitest";
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
const GCP = head("gcp");
const PLACED = `${GCP}gcp: { zone: europe-west3-a }\n`;

/** What is wrong with a file, as `line path: reason`. */
const problemsIn = (text: string) =>
  problemsOf(() => parseBastionFile(text, "acme.yaml")).map(({ path, reason }) => `${path.slice("acme.yaml:".length)}: ${reason}`);

test("a whole file for Compute Engine is read", () => {
  const settings = {
    zone: "europe-west3-a",
    project: "acme-data-prod",
    network: "prod",
    subnetwork: "prod-eu",
    privateAddress: "10.0.0.7",
    privateOnly: true,
    protectAddress: true,
    machineType: "e2-small",
    image: "debian-12",
    imageId: "projects/debian-cloud/global/images/debian-12-bookworm-v20261110",
    diskSizeGib: 20,
    kmsKeyName: "projects/acme-data-prod/locations/europe-west3/keyRings/bastions/cryptoKeys/disk",
    secureBoot: false,
    admin: { publicKey: ED25519_A.line, user: "jane", cidrs: ["192.0.2.0/24"] },
    firewallNote: "TICKET-1",
    labels: { team: "data", cost: "42" },
  };
  const file = parseBastionFile(`${GCP}gcp: ${JSON.stringify(settings)}\n`, "acme.yaml");
  expect(file.gcp).toEqual(settings);
});

test("a zone is all that Compute Engine needs, and that it does need", () => {
  expect(parseBastionFile(PLACED, "acme.yaml").gcp).toEqual({ zone: "europe-west3-a" });
  expect(problemsIn(GCP)).toEqual(['1 gcp: is missing; say at least in which zone: "gcp: { zone: europe-west3-a }"']);
  expect(problemsIn(`${GCP}gcp: {}\n`)).toEqual(["7 gcp.zone: is missing; expected a text"]);
  expect(problemsIn(`${GCP}gcp: europe-west3-a\n`)).toEqual(['7 gcp: got "europe-west3-a"; expected a mapping']);
});

test("problems of the target's settings come with their lines, together with all others", () => {
  const text = `${GCP.replace("orders, bindPort: 15000", "orders, bindPort: 22").replace("198.51.100.0/24", "2001:db8::/32").replace("acme", "3m")}gcp:
  zone: europe-west3
  subnetwork: prod-eu
  machineType: t4g.micro
  admin:
    publicKey: ${ED25519_A.line}
    cidrs:
      - 192.0.2.0/24
      - 192.0.2.1/24
  labels:
    Team: data
dns:
  zone: ssh.example.com.
  zoneId: ssh.example.com
`;
  expect(problemsIn(text).sort()).toEqual(
    [
      '1 customer: got "3m"; on GCP everything is named after the bastion, and a name begins with a letter',
      '3 clientCidrs[0]: got "2001:db8::/32", and the bastion has no IPv6 address; name the IPv4 block, or leave it out',
      "5 tunnels[0].bindPort: got 22; a bind port is 1024–32767 (below are privileged ports, above the kernel's outgoing ones)",
      "7 gcp.network: is missing; a subnetwork goes with its network",
      '8 gcp.zone: got "europe-west3", which is a region; name one of its zones, such as "europe-west3-a"',
      '10 gcp.machineType: got "t4g.micro"; expected a machine type of Compute Engine such as "e2-micro"',
      '15 gcp.admin.cidrs[1]: "192.0.2.1/24" has host bits set; write "192.0.2.0/24" for the block or "192.0.2.1/32" for the one address',
      '17 gcp.labels.Team: a key is 1–63 lower-case letters, digits, "_" and "-", and begins with a letter',
      '19 dns.zone: got "ssh.example.com."; expected the zone\'s name, such as ssh.example.com',
      '20 dns.zoneId: got "ssh.example.com"; expected something like "projects/acme-dns/managedZones/ssh-example-com"',
    ].sort(),
  );
});

test("what does not go with the settings of Compute Engine is found at what does not", () => {
  expect(problemsIn(`${GCP.replace("name: orders", "name: orders, bindAddress: 203.0.113.9")}gcp: { zone: europe-west3-a }\n`)).toEqual([
    "5 tunnels[0].bindAddress: 203.0.113.9 is not the private address of the bastion; set privateAddress to 203.0.113.9, and it will be",
  ]);
  expect(
    problemsIn(
      `${GCP}tunnelUser: bastion-admin\ngcp: { zone: europe-west3-a, admin: { publicKey: "${ED25519_A.line}", cidrs: [192.0.2.0/24] } }\n`,
    ),
  ).toEqual(['7 tunnelUser: "bastion-admin" is the admin\'s user too; give one of them another name']);
});

test.each([
  ["gcp: { zone: a, image: debian-11 }", '7 gcp.image: got "debian-11"; allowed is debian-13, debian-12, ubuntu-24.04'],
  ["gcp: { zone: a, privateOnly: maybe }", '7 gcp.privateOnly: got "maybe"; expected true or false'],
  ["gcp: { zone: a, diskSizeGib: 10.5 }", "7 gcp.diskSizeGib: got 10.5; expected a whole number"],
  ["gcp: { zone: a, labels: { a: 1 } }", "7 gcp.labels.a: got 1; expected a text"],
  ["gcp: { zone: a, admin: { osLogin: true } }", "7 gcp.admin.cidrs: is missing; expected a list"],
  ["gcp: { zone: a, region: eu }", "7 gcp.region: is no field here; allowed is zone"],
])("%s is refused for its shape, whichever target is chosen", (line, problem) => {
  for (const file of [GCP, head("local"), head("aws")])
    expect(problemsIn(`${file}${line}\n`).some((found) => found.startsWith(problem))).toBe(true);
});

test("settings of another target are looked at for their shape only", () => {
  expect(parseBastionFile(`${head("aws")}gcp: { zone: x, machineType: y }\n`, "acme.yaml").target).toBe("aws");
  expect(parseBastionFile(`${PLACED}aws: { subnetId: x }\n`, "acme.yaml").target).toBe("gcp");
  expect(problemsIn(`${GCP}gcp: { zone: x, machineType: y }\n`)).toHaveLength(2);
});

test("the same file moves between the targets when only these and the place are changed", () => {
  const { target: _first, aws: _aws, gcp: _gcp, ...gcp } = parseBastionFile(PLACED, "acme.yaml");
  const {
    target: _second,
    aws: _otherAws,
    gcp: _otherGcp,
    ...aws
  } = parseBastionFile(`${head("aws")}aws: { region: eu-central-1 }\n`, "acme.yaml");
  expect(gcp).toEqual(aws);
});
