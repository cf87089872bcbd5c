import type { WorldState } from "../../world/world.ts";

/** An image of the marketplace, or of a gallery if it has an id. */
export interface Image {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
  readonly version: string;
  readonly architecture: "x64" | "Arm64";
  readonly generation: 1 | 2;
  readonly diskSizeGB: number;
  /** Of an image that is named by its id only. */
  readonly id?: string;
}

/** A zone of DNS, public or private. */
export interface DnsZone {
  readonly name: string;
  readonly resourceGroup: string;
  readonly visibility: "public" | "private";
}

/** A vault that was deleted, and keeps its name until it is purged. */
export interface DeletedVault {
  readonly name: string;
  readonly location: string;
  readonly deletionDate: string;
}

/** What a subscription holds without anybody having declared it. */
export interface AzureSeeds {
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** Who deploys: the application's id, and that of its object, by which access policies name it. */
  readonly clientId: string;
  readonly objectId: string;
  readonly resourceGroups: readonly { readonly name: string; readonly location: string }[];
  readonly images: readonly Image[];
  readonly dnsZones: readonly DnsZone[];
  /** Sizes that exist, and that no room is left for. */
  readonly unavailableSizes: readonly string[];
  /** Names of vaults of other subscriptions. */
  readonly vaultsOfOthers: readonly string[];
  readonly deletedVaults: readonly DeletedVault[];
  /** Ids of secrets that were deleted while their vault stayed. */
  readonly deletedSecrets: readonly string[];
  readonly patienceSeconds: number;
}

/** A subscription with the images of Debian and Ubuntu, one public and one private zone, and a group that holds them. */
export function azureSeeds(parts: Partial<AzureSeeds> = {}): { azure: AzureSeeds } {
  return {
    azure: {
      subscriptionId: "6f1a2b3c-0000-4000-8000-00000000acde",
      tenantId: "72f98800-0000-4000-8000-0000000000aa",
      clientId: "c11e0000-0000-4000-8000-0000000000d0",
      objectId: "0b1ec700-0000-4000-8000-0000000000d0",
      resourceGroups: [{ name: "platform", location: "westeurope" }],
      images: stockImages(),
      dnsZones: [
        { name: "ssh.example.com", resourceGroup: "platform", visibility: "public" },
        { name: "ssh.internal.example.com", resourceGroup: "platform", visibility: "private" },
      ],
      unavailableSizes: [],
      vaultsOfOthers: [],
      deletedVaults: [],
      deletedSecrets: [],
      patienceSeconds: 10,
      ...parts,
    },
  };
}

/** The seeds of Azure in a world. */
export function seedsOf(state: WorldState): AzureSeeds {
  const { azure } = state.seeds;
  if (azure === undefined) throw new Error("this world was made without the seeds of Azure");
  return azure as AzureSeeds;
}

const DEBIAN_VERSIONS = ["0.20260609.2134", "0.20260915.2241", "0.20261110.2299"];
const UBUNTU_VERSIONS = ["24.04.202607100", "24.04.202610150"];

const SKUS: readonly (readonly [string, string, string, Image["architecture"], Image["generation"], readonly string[]])[] = [
  ["Debian", "debian-13", "13", "x64", 1, DEBIAN_VERSIONS],
  ["Debian", "debian-13", "13-gen2", "x64", 2, DEBIAN_VERSIONS],
  ["Debian", "debian-13", "13-arm64", "Arm64", 2, DEBIAN_VERSIONS],
  ["Debian", "debian-12", "12", "x64", 1, DEBIAN_VERSIONS],
  ["Debian", "debian-12", "12-gen2", "x64", 2, DEBIAN_VERSIONS],
  ["Debian", "debian-12", "12-arm64", "Arm64", 2, DEBIAN_VERSIONS],
  ["Canonical", "ubuntu-24_04-lts", "server-gen1", "x64", 1, UBUNTU_VERSIONS],
  ["Canonical", "ubuntu-24_04-lts", "server", "x64", 2, UBUNTU_VERSIONS],
  ["Canonical", "ubuntu-24_04-lts", "server-arm64", "Arm64", 2, UBUNTU_VERSIONS],
];

function stockImages(): Image[] {
  return SKUS.flatMap(([publisher, offer, sku, architecture, generation, versions]) =>
    versions.map((version) => ({ publisher, offer, sku, version, architecture, generation, diskSizeGB: 30 })),
  );
}
