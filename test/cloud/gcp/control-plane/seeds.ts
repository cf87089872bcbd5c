import type { WorldState } from "../../world/world.ts";

/** A public machine image. */
export interface Image {
  readonly project: string;
  readonly name: string;
  readonly family: string;
  readonly architecture: "X86_64" | "ARM64";
  readonly creationTimestamp: string;
  readonly diskSizeGb: number;
}

/** A managed zone of Cloud DNS. */
export interface ManagedZone {
  readonly name: string;
  /** With the dot at its end. */
  readonly dnsName: string;
  readonly visibility: "public" | "private";
}

/** Somebody with a Google account who may log in to the project's instances by OS Login. */
export interface OsLoginUser {
  readonly username: string;
  readonly uid: number;
  readonly publicKeys: readonly string[];
  readonly isAdmin: boolean;
}

/** What a project holds without anybody having declared it. */
export interface GcpSeeds {
  readonly project: string;
  readonly projectNumber: string;
  readonly images: readonly Image[];
  readonly managedZones: readonly ManagedZone[];
  /** Metadata of the project, which its instances inherit: `enable-oslogin`, `ssh-keys`. */
  readonly projectMetadata: Readonly<Record<string, string>>;
  readonly osLoginUsers: readonly OsLoginUser[];
  /** How long a call is tried again that is refused because of what uses its resource. */
  readonly patienceSeconds: number;
}

export const DEBIAN = "debian-cloud";
export const UBUNTU = "ubuntu-os-cloud";

const ZONES: Readonly<Record<string, string>> = {
  "europe-west1": "bcd",
  "europe-west3": "abc",
  "us-central1": "abcf",
  "us-east1": "bcd",
};

/** A project with the images of Debian and Ubuntu, one public zone, and no network. */
export function gcpSeeds(parts: Partial<GcpSeeds> = {}): { gcp: GcpSeeds } {
  return {
    gcp: {
      project: "acme-platform",
      projectNumber: "123456789012",
      images: stockImages(),
      managedZones: [{ name: "ssh-example-com", dnsName: "ssh.example.com.", visibility: "public" }],
      projectMetadata: {},
      osLoginUsers: [],
      patienceSeconds: 10,
      ...parts,
    },
  };
}

/** The seeds of GCP in a world. */
export function seedsOf(state: WorldState): GcpSeeds {
  const { gcp } = state.seeds;
  if (gcp === undefined) throw new Error("this world was made without the seeds of GCP");
  return gcp as GcpSeeds;
}

/** The zones of a region, none where there is no such region. */
export function zonesOf(region: string): string[] {
  return [...(ZONES[region] ?? "")].map((letter) => `${region}-${letter}`);
}

/** The region of a zone, or `undefined` where there is no such zone. */
export function regionOfZone(zone: string): string | undefined {
  return Object.keys(ZONES).find((region) => zonesOf(region).includes(zone));
}

function stockImages(): Image[] {
  const images: Image[] = [];
  for (const [project, family, name, architecture, versions] of FAMILIES)
    for (const version of versions)
      images.push({
        project,
        family,
        name: `${name}-v${version}`,
        architecture,
        creationTimestamp: `${version.slice(0, 4)}-${version.slice(4, 6)}-${version.slice(6, 8)}T04:00:00.000-08:00`,
        diskSizeGb: 10,
      });
  return images;
}

const DEBIAN_VERSIONS = ["20260609", "20260915", "20261110"];
const UBUNTU_VERSIONS = ["20260710", "20261015"];

const FAMILIES: readonly (readonly [string, string, string, Image["architecture"], readonly string[]])[] = [
  [DEBIAN, "debian-13", "debian-13-trixie", "X86_64", DEBIAN_VERSIONS],
  [DEBIAN, "debian-13-arm64", "debian-13-trixie-arm64", "ARM64", DEBIAN_VERSIONS],
  [DEBIAN, "debian-12", "debian-12-bookworm", "X86_64", DEBIAN_VERSIONS],
  [DEBIAN, "debian-12-arm64", "debian-12-bookworm-arm64", "ARM64", DEBIAN_VERSIONS],
  [UBUNTU, "ubuntu-2404-lts-amd64", "ubuntu-2404-noble-amd64", "X86_64", UBUNTU_VERSIONS],
  [UBUNTU, "ubuntu-2404-lts-arm64", "ubuntu-2404-noble-arm64", "ARM64", UBUNTU_VERSIONS],
];
