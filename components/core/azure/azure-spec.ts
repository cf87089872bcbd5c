import type { DnsSpec } from "../dns-spec.ts";
import type { HostImage } from "../host-image.ts";

/** An administrator of a bastion's machine, with all rights on it. Never a client. */
export interface AzureAdminSpec {
  /** Their public key, Ed25519 or RSA: Azure takes no other. Changing it replaces the machine. */
  readonly publicKey: string;
  /**
   * Who logs in with `publicKey`. Changing it replaces the machine.
   *
   * @default "bastion-admin"
   */
  readonly user?: string | undefined;
  /** CIDR blocks that may reach the system's own sshd on port 22, which is closed without an admin. */
  readonly cidrs: readonly string[];
}

/**
 * What a bastion on Azure takes beside what every bastion takes. Prices are those of East US, on demand, in
 * 2026; look yours up.
 */
export interface AzureSpec {
  /** Location of everything that is made, such as `westeurope`. Another location is another bastion. */
  readonly location: string;
  /**
   * Name of the resource group that everything is made in. It must exist.
   *
   * @default - a group of its own
   */
  readonly resourceGroup?: string | undefined;
  /**
   * ARM id of a virtual network, in which the bastion gets a subnet of its own with the addresses of `networkCidr`. For a
   * bastion beside a database that takes connections from subnets it knows.
   *
   * @default - a network of its own (no cost)
   */
  readonly virtualNetworkId?: string | undefined;
  /**
   * ARM id of the subnet the bastion stands in. It needs a way to Key Vault: a public address, a NAT gateway, a
   * firewall, or the service endpoint `Microsoft.KeyVault`. Not together with `virtualNetworkId`.
   *
   * @default - a subnet of its own
   */
  readonly subnetId?: string | undefined;
  /**
   * Addresses of the bastion's own subnet, /8–/29. Needed with `virtualNetworkId`; not together with `subnetId`.
   *
   * @default "10.255.0.0/28"
   */
  readonly networkCidr?: string | undefined;
  /**
   * The bastion's private IPv4 address, out of its subnet. It stays the same for as long as the bastion exists,
   * whichever machine has it.
   *
   * @default - one that Azure chooses, and keeps
   */
  readonly privateAddress?: string | undefined;
  /**
   * No public address: clients come through peering, a VPN or ExpressRoute. Needs `subnetId` or `virtualNetworkId`.
   * Saves 3.65 USD a month.
   *
   * @default false
   */
  readonly privateOnly?: boolean | undefined;
  /**
   * Refuse to delete the public address, also in `destroy`, until this is taken back: losing it means a new firewall
   * rule at every customer.
   *
   * @default false
   */
  readonly protectAddress?: boolean | undefined;
  /**
   * Service endpoints of the bastion's own subnet, such as `Microsoft.Sql`, so that a database of Azure can let that
   * subnet in; `Microsoft.KeyVault` is always among them. With `subnetId`, the subnet has to have them already, and is
   * looked at.
   *
   * @default - none beside Key Vault's
   */
  readonly serviceEndpoints?: readonly string[] | undefined;
  /**
   * Size of the machine; its architecture follows from it. Can be changed in place, with a restart, to another one of
   * the same architecture. `Standard_B2ats_v2` (6.86 USD a month) carries some hundred tunnels.
   *
   * @default "Standard_B2ats_v2"
   */
  readonly vmSize?: string | undefined;
  /**
   * Operating system. Changing it replaces the machine.
   *
   * @default "debian-13"
   */
  readonly image?: HostImage | undefined;
  /**
   * Version of the stock image, such as `0.20261110.2291`. Changing it replaces the machine, which is how a bastion gets a
   * newer image; the output `imageId` says which one it has.
   *
   * @default - the newest one when the machine is made; a newer one never replaces it
   */
  readonly imageVersion?: string | undefined;
  /**
   * An image of your own, of the kind that `image` says, as the ARM id of a version in a gallery or of a managed image.
   * Changing it replaces the machine.
   *
   * @default - the stock image
   */
  readonly imageId?: string | undefined;
  /**
   * Size of the encrypted system disk (a standard SSD of 32 GiB costs 2.40 USD a month), in GiB, 30–4095.
   * Changing it replaces the machine.
   *
   * @default - the image's own, 30
   */
  readonly diskSizeGib?: number | undefined;
  /**
   * ARM id of the disk encryption set whose key encrypts the disk. Changing it replaces the machine.
   *
   * @default - Azure's own keys
   */
  readonly diskEncryptionSetId?: string | undefined;
  /**
   * Start nothing but what the distribution signed, and have a virtual TPM. Switch it off for an image whose boot loader
   * is not signed. Does not exist on arm64. Changing it replaces the machine.
   *
   * @default - true where the size has it
   */
  readonly trustedLaunch?: boolean | undefined;
  /**
   * Availability zone of the machine, such as `"1"`. Changing it replaces the machine.
   *
   * @default - wherever Azure puts it
   */
  readonly zone?: string | undefined;
  /**
   * `zoneId` is needed: the ARM id of a zone of Azure DNS, public or private.
   *
   * @default - no name; clients dial the address
   */
  readonly dns?: DnsSpec | undefined;
  /** @default - nobody logs in to the machine; its own sshd is switched off */
  readonly admin?: AzureAdminSpec | undefined;
  /**
   * What the description of each firewall rule ends with, such as a ticket's number. Up to 100 characters, on one line.
   *
   * @default - nothing
   */
  readonly firewallNote?: string | undefined;
  /**
   * Tags of every resource that can have some, beside `reverse-bastion`.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}
