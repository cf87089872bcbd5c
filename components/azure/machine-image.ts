import type { input } from "@pulumi/azure-native/types/index.js";
import { Architecture } from "../core/architecture.ts";
import { AZURE_DEFAULTS } from "../core/azure/azure-defaults.ts";
import type { AzureSpec } from "../core/azure/azure-spec.ts";
import { architectureOfSize } from "../core/azure/vm-size.ts";
import { HostImage } from "../core/host-image.ts";

type ImageReferenceArgs = input.compute.ImageReferenceArgs;

/** Whose offer a stock image is, and which of its plans is for an architecture. All are of the second generation. */
interface StockImage {
  readonly publisher: string;
  readonly offer: string;
  readonly skus: Readonly<Record<Architecture, string>>;
}

const STOCK_IMAGES: Readonly<Record<HostImage, StockImage>> = {
  [HostImage.Debian13]: debian("13"),
  [HostImage.Debian12]: debian("12"),
  [HostImage.Ubuntu2404]: {
    publisher: "Canonical",
    offer: "ubuntu-24_04-lts",
    skus: { [Architecture.X86_64]: "server", [Architecture.Arm64]: "server-arm64" },
  },
};

function debian(release: string): StockImage {
  const skus = { [Architecture.X86_64]: `${release}-gen2`, [Architecture.Arm64]: `${release}-arm64` };
  return { publisher: "Debian", offer: `debian-${release}`, skus };
}

/** The image of a bastion's machine. "latest" stays what it is: the newest image when the machine is made, and no newer one. */
export function imageReferenceOf({ imageId, imageVersion, image, vmSize }: AzureSpec): ImageReferenceArgs {
  if (imageId !== undefined) return { id: imageId };
  const { publisher, offer, skus } = STOCK_IMAGES[image ?? AZURE_DEFAULTS.image];
  const sku = skus[architectureOfSize(vmSize ?? AZURE_DEFAULTS.vmSize)];
  return { publisher, offer, sku, version: imageVersion ?? AZURE_DEFAULTS.imageVersion };
}

/** What an image is known by: its id, or what the `az` command takes for a stock image. */
export function imageNameOf(reference: {
  readonly id?: string;
  readonly publisher?: string;
  readonly offer?: string;
  readonly sku?: string;
  readonly version?: string;
  readonly exactVersion?: string;
}): string {
  const { id, publisher, offer, sku, version, exactVersion } = reference;
  return id ?? [publisher, offer, sku, exactVersion ?? version].join(":");
}
