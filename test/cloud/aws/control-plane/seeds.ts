import { createHash } from "node:crypto";
import type { WorldState } from "../../world/world.ts";

/** A machine image. */
export interface Image {
  readonly imageId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly architecture: "x86_64" | "arm64";
  readonly creationDate: string;
  readonly rootDeviceName: string;
  readonly rootVolumeGib: number;
  /** `v2.0` where the image asks for version 2 of the metadata service. */
  readonly imdsSupport: string;
}

/** A hosted zone of Route 53. */
export interface Zone {
  readonly zoneId: string;
  readonly name: string;
  readonly privateZone: boolean;
}

/** What an account holds without anybody having declared it. */
export interface AwsSeeds {
  readonly accountId: string;
  readonly images: readonly Image[];
  readonly zones: readonly Zone[];
  readonly quotas: { readonly addresses: number; readonly rulesPerSecurityGroup: number };
  /** How long a call is tried again that is refused because of what depends on its resource. The real provider waits for minutes. */
  readonly patienceSeconds: number;
}

export const DEBIAN = "136693071363";
export const CANONICAL = "099720109477";

/** An account with the images of Debian and Ubuntu, one public zone and AWS's default quotas. */
export function awsSeeds(parts: Partial<AwsSeeds> = {}): { aws: AwsSeeds } {
  return {
    aws: {
      accountId: "123456789012",
      images: stockImages(),
      zones: [{ zoneId: "Z0123456789EXAMPLE", name: "ssh.example.com", privateZone: false }],
      quotas: { addresses: 5, rulesPerSecurityGroup: 60 },
      patienceSeconds: 10,
      ...parts,
    },
  };
}

/** The seeds of AWS in a world. */
export function seedsOf(state: WorldState): AwsSeeds {
  const { aws } = state.seeds;
  if (aws === undefined) throw new Error("this world was made without the seeds of AWS");
  return aws as AwsSeeds;
}

function stockImages(): Image[] {
  const debian = ["13", "12"].flatMap((release) =>
    ["20260601-2130", "20260914-2235", "20261102-2284"].flatMap((version) =>
      (["amd64", "arm64"] as const).map((port) => debianImage(`debian-${release}-${port}-${version}`, port)),
    ),
  );
  const ubuntu = ["20260710", "20261015"].flatMap((version) => (["amd64", "arm64"] as const).map((port) => ubuntuImage(version, port)));
  return [...debian, ...ubuntu];
}

type Port = "amd64" | "arm64";

function debianImage(name: string, port: Port): Image {
  return { ...image(name, port, DEBIAN, name.split("-")[3] ?? ""), rootDeviceName: "/dev/xvda", imdsSupport: "" };
}

function ubuntuImage(version: string, port: Port): Image {
  const name = `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${port}-server-${version}`;
  return { ...image(name, port, CANONICAL, version), rootDeviceName: "/dev/sda1", imdsSupport: "v2.0" };
}

function image(name: string, port: Port, ownerId: string, date: string) {
  return {
    imageId: `ami-0${createHash("sha256").update(name).digest("hex").slice(0, 16)}`,
    ownerId,
    name,
    architecture: port === "amd64" ? ("x86_64" as const) : port,
    creationDate: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}T12:00:00.000Z`,
    rootVolumeGib: 8,
  };
}
