import type { Architecture } from "../architecture.ts";
import type { DnsSpec } from "../dns-spec.ts";
import type { HostImage } from "../host-image.ts";

/** An administrator of a bastion's machine: logs in as the image's own user, with all rights. Never a client. */
export interface AwsAdminSpec {
  /** Their public key, Ed25519 or RSA of 4096 bits: EC2 imports no other. Changing it replaces the machine. */
  readonly publicKey: string;
  /** CIDR blocks that may reach the system's own sshd on port 22, which is closed without an admin. */
  readonly cidrs: readonly string[];
}

/**
 * What a bastion on EC2 takes beside what every bastion takes. Prices are those of us-east-1, on demand, in 2026; look
 * yours up.
 */
export interface AwsSpec {
  /**
   * VPC the bastion stands in. Given together with `subnetId`.
   *
   * @default - a VPC of its own, with one public subnet and an internet gateway (no cost)
   */
  readonly vpcId?: string | undefined;
  /** Subnet of `vpcId`. It needs a way to the SSM endpoint: an internet gateway, NAT, or a VPC endpoint for `ssm`. */
  readonly subnetId?: string | undefined;
  /**
   * Addresses of the bastion's own VPC, /16–/28. Not together with `vpcId`.
   *
   * @default "10.255.0.0/28"
   */
  readonly networkCidr?: string | undefined;
  /**
   * The bastion's private IPv4 address, out of its subnet. It stays the same for as long as the bastion exists,
   * whichever machine has it.
   *
   * @default - one that AWS chooses
   */
  readonly privateAddress?: string | undefined;
  /**
   * No public address: clients come through peering, a VPN or Direct Connect. Needs `subnetId`, since the machine
   * must still reach SSM. Saves 3.65 USD a month.
   *
   * @default false
   */
  readonly privateOnly?: boolean | undefined;
  /**
   * Also give the bastion an IPv6 address, for clients: needed for IPv6 blocks in `clientCidrs`. Bind ports are reached
   * over IPv4, where the printed commands open them. With `subnetId`, the subnet must have an IPv6 block.
   *
   * @default false
   */
  readonly ipv6?: boolean | undefined;
  /**
   * Refuse to delete the public address, also in `destroy`, until this is taken back: losing it means a new firewall
   * rule at every customer.
   *
   * @default false
   */
  readonly protectAddress?: boolean | undefined;
  /**
   * Size of the machine; its architecture follows from it. Can be changed in place, with a restart. `t4g.nano`
   * (3.07 USD a month) carries some dozen tunnels, `t4g.micro` (6.13 USD) some hundred; network speed grows with size.
   *
   * @default "t4g.micro"
   */
  readonly instanceType?: string | undefined;
  /**
   * Operating system. Changing it replaces the machine.
   *
   * @default "debian-13"
   */
  readonly image?: HostImage | undefined;
  /**
   * The very image (AMI), of the kind that `image` says. Changing it replaces the machine, which is how a bastion gets
   * a newer image; the output `imageId` says which one it has.
   *
   * @default - the newest one when the machine is made; a newer one never replaces it
   */
  readonly imageId?: string | undefined;
  /**
   * Architecture of `imageId`, where looking the image up is not allowed.
   *
   * @default - looked up
   */
  readonly imageArchitecture?: Architecture | undefined;
  /**
   * Size of the encrypted root disk (gp3, 0.08 USD per GiB and month), in GiB, 8–16384. Can grow in place, never shrink.
   *
   * @default 8
   */
  readonly diskSizeGib?: number | undefined;
  /**
   * ARN of the KMS key that encrypts the disk and the host keys. A key of your own costs 1 USD a month.
   *
   * @default - AWS's own keys for EBS and SSM
   */
  readonly kmsKeyArn?: string | undefined;
  /**
   * Reboot the machine when it has not answered EC2's checks for three minutes. Broken hardware is always recovered
   * from, by EC2 itself. The alarm costs 0.10 USD a month.
   *
   * @default true
   */
  readonly rebootWhenUnresponsive?: boolean | undefined;
  /** @default - no name; clients dial the address */
  readonly dns?: DnsSpec | undefined;
  /** @default - nobody logs in to the machine; its own sshd is switched off */
  readonly admin?: AwsAdminSpec | undefined;
  /**
   * ARN of the policy that bounds the machine's role, where an organization asks for one.
   *
   * @default - none
   */
  readonly permissionsBoundaryArn?: string | undefined;
  /**
   * Inbound rules a security group may have for IPv4, and as many for IPv6: the quota of your account (Service Quotas,
   * L-0EA8095F). One is needed for each of `clientCidrs`, and for each of `consumerCidrs` once for each tunnel that is
   * not on loopback.
   *
   * @default 60
   */
  readonly rulesPerSecurityGroup?: number | undefined;
  /**
   * What the description of each firewall rule ends with, such as a ticket's number. Up to 100 of `a-z`, `A-Z`, `0-9`,
   * blank and `._-:/()#,@[]+=&;{}!$*`.
   *
   * @default - nothing
   */
  readonly firewallNote?: string | undefined;
  /**
   * Tags of every resource that can have some, beside `Name` and `reverse-bastion`.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}
