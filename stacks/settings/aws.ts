import { z } from "zod";
import { Architecture } from "../../components/core/architecture.ts";
import { AWS_DEFAULTS } from "../../components/core/aws/aws-defaults.ts";
import { HostImage } from "../../components/core/host-image.ts";
import { cidrs, text } from "./fields.ts";

/** Settings of the target `aws`. */
export const awsSettings = z.strictObject({
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
