/** Releases of Debian that a machine can run. */
export type DebianRelease = "trixie" | "bookworm";

/** A rule of a machine's firewall. The first one that matches decides; what none matches is dropped. */
export interface FirewallRule {
  /** Drops what it matches; without, it is let through. */
  readonly isDenial?: true;
  /** Flows that it let in end with it, instead of going on for as long as they are tracked. */
  readonly isUntracked?: true;
  readonly direction: "in" | "out";
  readonly protocol: "tcp" | "udp" | "icmp" | "all";
  /** For TCP and UDP; every port where there is none. */
  readonly ports?: { readonly from: number; readonly to: number };
  /** Block of the other end, IPv4 or IPv6. */
  readonly cidr: string;
}

/** What a cloud's resources say of one machine. */
export interface MachineDeclaration {
  readonly id: string;
  readonly hostname: string;
  readonly release: DebianRelease;
  /** The one IPv4 address that the machine itself knows, in a private block. */
  readonly address: string;
  readonly prefixLength: number;
  /** First hop of the machine's subnet. */
  readonly router: string;
  readonly mac: string;
  /** Name that the image gives to the network interface. */
  readonly interfaceName: string;
  /** Address that stands for the private one outside. */
  readonly publicAddress?: string;
  readonly ipv6Address?: string;
  readonly rules: readonly FirewallRule[];
  /** How many hops an answer of the metadata service travels. */
  readonly metadataHops: number;
}

/** What goes wrong with a cloud's store. `slow` answers after 20 s. */
export type StoreFault = "unreachable" | "throttling" | "slow";

/** Address of the metadata service on every cloud. A machine always reaches it, whatever its firewall says. */
export const METADATA_ADDRESS = "169.254.169.254";

/** Address of all other services of a cloud. A machine reaches it where its firewall lets it out. */
export const SERVICE_ADDRESS = "203.0.113.250";

/** One cloud, as its machines see it. Its services run in the network namespace of the machine host. */
export interface CloudAdaptor {
  /** Where it has services beside the one for metadata that every machine reaches, whatever its firewall says. */
  readonly platformAddresses: readonly string[];
  /** The machines that are declared, by id. */
  machines(): ReadonlyMap<string, MachineDeclaration>;
  /** Makes the root file system of a new machine, which is Debian's, that of the cloud's image. */
  prepareImage(root: string, machine: MachineDeclaration): void;
  /** Starts the services, on `METADATA_ADDRESS` and `SERVICE_ADDRESS`. */
  startServices(): Promise<void>;
  /** Has the store of secrets and parameters answer badly, or well again. `unreachable` is the firewall's part. */
  breakStore(fault: StoreFault | undefined): void;
}
