import * as gcp from "@pulumi/gcp";
import type * as pulumi from "@pulumi/pulumi";
import { Architecture } from "../core/architecture.ts";
import { GCP_DEFAULTS } from "../core/gcp/gcp-defaults.ts";
import { architectureOfMachine } from "../core/gcp/machine-type.ts";
import { HostImage } from "../core/host-image.ts";
import type { GcpScope } from "./gcp-scope.ts";

interface ImageFamily {
  readonly project: string;
  readonly family: string;
}

/** Who publishes an image, and in which family the newest one is found. */
const FAMILIES: Readonly<Record<HostImage, Readonly<Record<Architecture, ImageFamily>>>> = {
  [HostImage.Debian13]: debian("debian-13"),
  [HostImage.Debian12]: debian("debian-12"),
  [HostImage.Ubuntu2404]: {
    [Architecture.X86_64]: { project: "ubuntu-os-cloud", family: "ubuntu-2404-lts-amd64" },
    [Architecture.Arm64]: { project: "ubuntu-os-cloud", family: "ubuntu-2404-lts-arm64" },
  },
};

function debian(family: string): Record<Architecture, ImageFamily> {
  const project = "debian-cloud";
  return { [Architecture.X86_64]: { project, family }, [Architecture.Arm64]: { project, family: `${family}-arm64` } };
}

/** The image of a bastion's machine. */
export interface MachineImage {
  readonly image: pulumi.Input<string>;
  /** System and architecture. A machine of another kind is another machine, whichever image it was made from. */
  readonly kind: string;
  /** Whether it was looked up, so that another one is found some day. */
  readonly isLookedUp: boolean;
}

/** Finds the image of a bastion's machine. */
export function findImage({ spec, parent }: GcpScope): MachineImage {
  const { imageId, image = GCP_DEFAULTS.image, machineType = GCP_DEFAULTS.machineType } = spec;
  const architecture = architectureOfMachine(machineType);
  const kind = `${image} ${architecture}`;
  if (imageId !== undefined) return { image: imageId, kind, isLookedUp: false };
  const newest = gcp.compute.getImageOutput({ ...FAMILIES[image][architecture] }, { parent });
  return { image: newest.selfLink, kind, isLookedUp: true };
}
