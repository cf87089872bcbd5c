import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Architecture, renderMismatch } from "../core/architecture.ts";
import { AWS_DEFAULTS } from "../core/aws/aws-defaults.ts";
import { architectureOf } from "../core/aws/instance-type.ts";
import { HostImage } from "../core/host-image.ts";
import type { AwsScope } from "./aws-scope.ts";

/** Who publishes an image, and under which name. An account is always named: anybody can publish an image called "debian". */
const PUBLISHERS: Readonly<Record<HostImage, { readonly owner: string; readonly name: (debianArchitecture: string) => string }>> = {
  [HostImage.Debian13]: { owner: "136693071363", name: (architecture) => `debian-13-${architecture}-*` },
  [HostImage.Debian12]: { owner: "136693071363", name: (architecture) => `debian-12-${architecture}-*` },
  [HostImage.Ubuntu2404]: {
    owner: "099720109477",
    name: (architecture) => `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${architecture}-server-*`,
  },
};

/** Names use the distributions' word for an architecture, filters EC2's. */
const DEBIAN_ARCHITECTURES: Readonly<Record<Architecture, string>> = {
  [Architecture.Arm64]: "arm64",
  [Architecture.X86_64]: "amd64",
};

/** The image of a bastion's machine. */
export interface MachineImage {
  readonly imageId: pulumi.Input<string>;
  /** System and architecture. A machine of another kind is another machine, whichever image it was made from. */
  readonly kind: string;
  /** Whether it was looked up, so that another one is found some day. */
  readonly isLookedUp: boolean;
}

/** Finds the image of a bastion's machine, and refuses one that the machine could not run. */
export function findImage({ spec, parent }: AwsScope): MachineImage {
  const { imageId, image = AWS_DEFAULTS.image, instanceType = AWS_DEFAULTS.instanceType } = spec;
  const architecture = architectureOf(instanceType);
  const kind = `${image} ${architecture}`;
  if (imageId === undefined) return { imageId: newestImage(image, architecture, parent), kind, isLookedUp: true };
  if (spec.imageArchitecture !== undefined) return { imageId, kind, isLookedUp: false };
  return { imageId: checkedImage(imageId, instanceType, parent), kind, isLookedUp: false };
}

function newestImage(image: HostImage, architecture: Architecture, parent: pulumi.Resource): pulumi.Output<string> {
  const { owner, name } = PUBLISHERS[image];
  const filters = [
    { name: "name", values: [name(DEBIAN_ARCHITECTURES[architecture])] },
    { name: "architecture", values: [architecture] },
    { name: "state", values: ["available"] },
  ];
  return aws.ec2.getAmiOutput({ owners: [owner], mostRecent: true, filters }, { parent }).id;
}

function checkedImage(imageId: string, instanceType: string, parent: pulumi.Resource): pulumi.Output<string> {
  const found = aws.ec2.getAmiOutput({ filters: [{ name: "image-id", values: [imageId] }] }, { parent });
  const machine = { setting: "instanceType", size: instanceType, architecture: architectureOf(instanceType) };
  return found.architecture.apply((architecture) => {
    if (architecture !== machine.architecture)
      throw new pulumi.ResourceError(`imageId: ${renderMismatch(architecture, machine)}`, parent, true);
    return imageId;
  });
}
