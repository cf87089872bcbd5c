import type { DnsSpec } from "../dns-spec.ts";
import type { HostImage } from "../host-image.ts";

/** An administrator of a bastion's machine, with all rights on it. Never a client. Either `publicKey` or `osLogin`. */
export interface GcpAdminSpec {
  /**
   * Their public key, for the machine alone. A comment that is an e-mail address is kept: it says whose Google account
   * the key belongs to. Can be changed in place. An organization that enforces OS Login takes no such keys.
   */
  readonly publicKey?: string | undefined;
  /**
   * Who logs in with `publicKey`. Made by the image's own agent.
   *
   * @default "bastion-admin"
   */
  readonly user?: string | undefined;
  /**
   * Let those log in who may by IAM (`roles/compute.osAdminLogin`), with the keys of their Google accounts.
   *
   * @default false
   */
  readonly osLogin?: boolean | undefined;
  /**
   * CIDR blocks that may reach the system's own sshd on port 22, which is closed without an admin. Through
   * Identity-Aware Proxy, admins come from `35.235.240.0/20`.
   */
  readonly cidrs: readonly string[];
}

/**
 * What a bastion on Compute Engine takes beside what every bastion takes. Prices are those of us-central1, on demand,
 * in 2026; look yours up.
 */
export interface GcpSpec {
  /** Zone of the machine, such as `europe-west3-a`. The addresses belong to its region: another region is another bastion. */
  readonly zone: string;
  /**
   * Project of everything that is made.
   *
   * @default - that of the provider's configuration
   */
  readonly project?: string | undefined;
  /**
   * VPC network the bastion stands in: its name, or `projects/…/global/networks/…` for one of another project (shared
   * VPC). Given together with `subnetwork`.
   *
   * @default - a network of its own, with one subnetwork (no cost)
   */
  readonly network?: string | undefined;
  /**
   * Subnetwork of `network` in the zone's region: its name, or `projects/…/regions/…/subnetworks/…`. It needs a way to
   * Secret Manager: a public address, Cloud NAT, or Private Google Access.
   */
  readonly subnetwork?: string | undefined;
  /**
   * Addresses of the bastion's own subnetwork, /8–/29. Not together with `network`.
   *
   * @default "10.255.0.0/28"
   */
  readonly networkCidr?: string | undefined;
  /**
   * The bastion's private IPv4 address, out of its subnetwork. It stays the same for as long as the bastion exists,
   * whichever machine has it.
   *
   * @default - one that GCP chooses, and keeps
   */
  readonly privateAddress?: string | undefined;
  /**
   * No public address: clients come through peering, a VPN or Interconnect. Needs `subnetwork`. Saves 3.65 USD a month.
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
   * Size of the machine; its architecture follows from it. Can be changed in place, with a restart, to another one of
   * the same architecture and kind of disk. `e2-micro` (6.11 USD a month) carries some hundred tunnels; the smallest
   * arm64 machines (`t2a-standard-1`, `c4a-standard-1`) cost about 30 USD.
   *
   * @default "e2-micro"
   */
  readonly machineType?: string | undefined;
  /**
   * Operating system. Changing it replaces the machine.
   *
   * @default "debian-13"
   */
  readonly image?: HostImage | undefined;
  /**
   * The very image, of the kind that `image` says, as `projects/…/global/images/…`. Changing it replaces the machine,
   * which is how a bastion gets a newer image; the output `imageId` says which one it has.
   *
   * @default - the newest one when the machine is made; a newer one never replaces it
   */
  readonly imageId?: string | undefined;
  /**
   * Size of the encrypted boot disk (0.10 USD per GiB and month), in GiB, 10–65536.
   * Changing it replaces the machine.
   *
   * @default 10
   */
  readonly diskSizeGib?: number | undefined;
  /**
   * Key of Cloud KMS, in the zone's region, that encrypts the disk and the host keys:
   * `projects/…/locations/…/keyRings/…/cryptoKeys/…`. Compute Engine's and Secret Manager's service agents have to be
   * allowed to use it. A key of your own costs 0.06 USD a month.
   *
   * @default - Google's own keys
   */
  readonly kmsKeyName?: string | undefined;
  /**
   * Start nothing but what the distribution signed (Shielded VM). Switch it off for an image whose boot loader is not
   * signed. Does not exist on arm64.
   *
   * @default - true on x86
   */
  readonly secureBoot?: boolean | undefined;
  /**
   * `zoneId` is the name of the managed zone, or `projects/…/managedZones/…` for one of another project.
   *
   * @default - no name; clients dial the address
   */
  readonly dns?: DnsSpec | undefined;
  /** @default - nobody logs in to the machine; its own sshd is switched off */
  readonly admin?: GcpAdminSpec | undefined;
  /**
   * What the description of each firewall rule ends with, such as a ticket's number. Up to 100 characters, on one line.
   *
   * @default - nothing
   */
  readonly firewallNote?: string | undefined;
  /**
   * Labels of every resource that can have some, beside `reverse-bastion`. Lower-case letters, digits, `_` and `-`.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}
