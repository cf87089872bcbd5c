import { z } from "zod";
import { Architecture } from "../components/core/architecture.ts";
import { AWS_DEFAULTS } from "../components/core/aws/aws-defaults.ts";
import { GeneratedKeyKind } from "../components/core/bastion-spec.ts";
import { DEFAULTS } from "../components/core/defaults.ts";
import { GCP_DEFAULTS } from "../components/core/gcp/gcp-defaults.ts";
import { HostImage } from "../components/core/host-image.ts";

/**
 * The shape of a customer's file. Only shapes and types: what values mean is checked by the core, which takes the
 * same specification from a program. The descriptions are what an editor shows.
 */

const name = (what: string) => z.string().describe(`Name of the ${what}: 1–40 of a–z, 0–9 and "-".`);
const cidrs = (who: string) => z.array(z.string()).describe(`CIDR blocks ${who}, such as 198.51.100.0/24.`);
const port = (what: string) => z.int().describe(what);

const tunnel = z.strictObject({
  name: name("tunnel"),
  destination: z
    .string()
    .optional()
    .describe("The data source as the customer's client sees it, host:port. Only used to write the customer's commands."),
  bindPort: port("Port on the bastion, 1024–32767. Left out, one is allocated and kept.").optional(),
  bindAddress: z
    .string()
    .optional()
    .describe(
      'Where the bind port listens: "all" interfaces (the default), "loopback" (reached by ssh -L), or one IPv4 address of the bastion.',
    ),
});

const peer = (what: string, verb: string) =>
  z.strictObject({
    name: name(what),
    publicKeys: z.array(z.string()).optional().describe("Public keys, each as in a .pub file. Either these or generateKey."),
    generateKey: z
      .enum(GeneratedKeyKind)
      .optional()
      .describe("Have a key pair made: ed25519, or rsa-pem for platforms that ask for an RSA key in PEM."),
    tunnels: z.array(z.string()).optional().describe(`Tunnels it may ${verb}. Left out: all.`),
    sourceCidrs: cidrs("its logins must come from").optional(),
    expiresAt: z.string().optional().describe("When its keys stop working: 2027-06-30 (the end of that day, UTC) or 2027-06-30T18:00Z."),
  });

const local = z.strictObject({
  host: z.string().optional().describe("Name or address that clients dial. Default: 127.0.0.1."),
  listenAddress: z.string().optional().describe("IPv4 address sshd listens on. Default: all."),
  directory: z.string().optional().describe("Folder for everything of this bastion, an absolute path."),
});

const text = (what: string) => z.string().describe(what);

const aws = z.strictObject({
  region: text("Region, such as eu-central-1. Default: that of the AWS configuration.").optional(),
  vpcId: text("VPC the bastion stands in, together with subnetId. Default: a VPC of its own.").optional(),
  subnetId: text("Subnet of vpcId, with a way to the SSM endpoint.").optional(),
  networkCidr: text(`Addresses of the bastion's own VPC, /16–/28. Default: ${AWS_DEFAULTS.networkCidr}.`).optional(),
  privateAddress: text("The bastion's private IPv4 address. Default: one that AWS chooses, and keeps.").optional(),
  privateOnly: z.boolean().describe("No public address. Needs subnetId. Default: false.").optional(),
  ipv6: z.boolean().describe("Also an IPv6 address. Default: false.").optional(),
  protectAddress: z.boolean().describe("Refuse to delete the public address until this is taken back. Default: false.").optional(),
  instanceType: text(`Size of the machine; its architecture follows. Default: ${AWS_DEFAULTS.instanceType}.`).optional(),
  image: z.enum(HostImage).describe(`Operating system. Default: ${AWS_DEFAULTS.image}.`).optional(),
  imageId: text("The very image (AMI). Changing it replaces the machine. Default: the newest when the machine is made.").optional(),
  imageArchitecture: z.enum(Architecture).describe("Architecture of imageId, where looking it up is not allowed.").optional(),
  diskSizeGib: z.int().describe(`Size of the encrypted root disk in GiB. Default: ${AWS_DEFAULTS.diskSizeGib}.`).optional(),
  kmsKeyArn: text("KMS key for the disk and the host keys. Default: AWS's own keys.").optional(),
  rebootWhenUnresponsive: z.boolean().describe("Reboot the machine when it does not answer for three minutes. Default: true.").optional(),
  admin: z
    .strictObject({
      publicKey: text("The admin's public key, RSA or Ed25519. Never a client's."),
      cidrs: cidrs("that may reach the system's own sshd on port 22"),
    })
    .describe("Who administers the machine, with all rights. Default: nobody.")
    .optional(),
  permissionsBoundaryArn: text("Policy that bounds the machine's role. Default: none.").optional(),
  rulesPerSecurityGroup: z
    .int()
    .describe(`Inbound rules a security group may have. Default: ${AWS_DEFAULTS.rulesPerSecurityGroup}.`)
    .optional(),
  firewallNote: text("What the description of each firewall rule ends with, such as a ticket's number.").optional(),
  tags: z.record(z.string(), z.string()).describe("Tags of every resource.").optional(),
});

const gcp = z.strictObject({
  zone: text("Zone of the machine, such as europe-west3-a. Its region is that of the addresses."),
  project: text("Project of everything. Default: that of the GCP configuration.").optional(),
  network: text("VPC network the bastion stands in, together with subnetwork. Default: a network of its own.").optional(),
  subnetwork: text("Subnetwork of network, in the zone's region, with a way to Secret Manager.").optional(),
  networkCidr: text(`Addresses of the bastion's own subnetwork, /8–/29. Default: ${GCP_DEFAULTS.networkCidr}.`).optional(),
  privateAddress: text("The bastion's private IPv4 address. Default: one that GCP chooses, and keeps.").optional(),
  privateOnly: z.boolean().describe("No public address. Needs subnetwork. Default: false.").optional(),
  protectAddress: z.boolean().describe("Refuse to delete the public address until this is taken back. Default: false.").optional(),
  machineType: text(`Size of the machine; its architecture follows. Default: ${GCP_DEFAULTS.machineType}.`).optional(),
  image: z.enum(HostImage).describe(`Operating system. Default: ${GCP_DEFAULTS.image}.`).optional(),
  imageId: text(
    "The very image, projects/…/global/images/…. Changing it replaces the machine. Default: the newest when the machine is made.",
  ).optional(),
  diskSizeGib: z.int().describe(`Size of the encrypted boot disk in GiB. Default: ${GCP_DEFAULTS.diskSizeGib}.`).optional(),
  kmsKeyName: text("Key of Cloud KMS for the disk and the host keys, in the zone's region. Default: Google's own keys.").optional(),
  secureBoot: z.boolean().describe("Start only what the distribution signed. Default: true on x86; does not exist on arm64.").optional(),
  admin: z
    .strictObject({
      publicKey: text("The admin's public key. Never a client's. Either this or osLogin.").optional(),
      user: text(`Who logs in with publicKey. Default: ${GCP_DEFAULTS.adminUser}.`).optional(),
      osLogin: z.boolean().describe("Let those log in who may by IAM. Default: false.").optional(),
      cidrs: cidrs("that may reach the system's own sshd on port 22"),
    })
    .describe("Who administers the machine, with all rights. Default: nobody.")
    .optional(),
  firewallNote: text("What the description of each firewall rule ends with, such as a ticket's number.").optional(),
  labels: z.record(z.string(), z.string()).describe("Labels of every resource.").optional(),
});

const dns = z.strictObject({
  zone: text("Zone the record goes into, such as ssh.example.com."),
  zoneId: text("The zone's id, where it cannot be looked up by name.").optional(),
  name: text("Name of the record below the zone. Default: the customer's.").optional(),
});

export const customerFileSchema = z.strictObject({
  customer: name("customer"),
  target: z.enum(["aws", "gcp", "local"]).describe("What the bastion runs on."),
  aws: aws.optional().describe("Settings of the target aws: a machine on EC2."),
  gcp: gcp.optional().describe("Settings of the target gcp: a machine on Compute Engine."),
  local: local.optional().describe("Settings of the target local: the machine that pulumi up runs on."),
  clientCidrs: cidrs("that may reach sshd. No default: opening it to the world has to be written down"),
  consumerCidrs: cidrs("that may reach bind ports that are not on loopback. No default"),
  tunnels: z.array(tunnel).describe("Named bind ports on the bastion, one for each data source."),
  clients: z.array(peer("client", "open")).describe("Who opens tunnels: the customer's agents, running ssh -R."),
  consumers: z.array(peer("consumer", "reach")).optional().describe("Who uses tunnels by SSH: the platform, running ssh -L."),
  sshPort: port(`Port sshd listens on. Default: ${DEFAULTS.sshPort}.`).optional(),
  tunnelUser: z.string().optional().describe(`User that clients log in as. Default: ${DEFAULTS.tunnelUser}.`),
  consumerUser: z.string().optional().describe(`User that consumers log in as. Default: ${DEFAULTS.consumerUser}.`),
  bindPortRange: z
    .strictObject({ first: port("The lowest."), last: port("The highest.") })
    .optional()
    .describe(`Ports to allocate bind ports from. Default: ${DEFAULTS.bindPortRange.first}–${DEFAULTS.bindPortRange.last}.`),
  reservedPorts: z.array(port("A port.")).optional().describe("Ports that no tunnel may have."),
  dns: dns.optional().describe("Name of the bastion in a zone of the target's own DNS service. Default: none."),
  penaltyExemptCidrs: cidrs("that share an address among many (NAT, load balancer) and are never shut out for failed logins").optional(),
  legacyCiphers: z.boolean().optional().describe("Also accept AES-CTR, for dropbear and PuTTY before 0.79."),
});

/** A customer's file, once its shape is right. */
export type CustomerFile = z.infer<typeof customerFileSchema>;
