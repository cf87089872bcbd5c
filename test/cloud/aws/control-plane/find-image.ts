import type { Properties } from "../../plugin/values.ts";
import { ApiError } from "../../world/provider/api.ts";
import type { Image } from "./seeds.ts";

/** What filters of DescribeImages look at. */
const FILTERED: Readonly<Record<string, (image: Image) => string>> = {
  name: ({ name }) => name,
  architecture: ({ architecture }) => architecture,
  "image-id": ({ imageId }) => imageId,
  "owner-id": ({ ownerId }) => ownerId,
  "root-device-type": () => "ebs",
  "virtualization-type": () => "hvm",
  state: () => "available",
  "is-public": () => "true",
};

/** The image that a look-up means, as the real provider finds it. */
export function findImage(images: readonly Image[], asked: Properties): Properties {
  const owners = (asked.owners ?? []) as string[];
  const filters = (asked.filters ?? []) as { name: string; values: string[] }[];
  const namesOwner = owners.length > 0 || filters.some(({ name }) => ["owner-id", "owner-alias", "image-id"].includes(name));
  if (asked.mostRecent === true && !namesOwner && asked.allowUnsafeFilter !== true)
    throw new ApiError(
      "",
      "Most recent AMI filter is unsafe without an owner: set `owners`, an `owner-id` or `image-id` filter, or `allow_unsafe_filter`",
    );
  const found = images.filter(
    (image) =>
      (owners.length === 0 || owners.includes(image.ownerId)) &&
      (asked.nameRegex === undefined || new RegExp(String(asked.nameRegex)).test(image.name)) &&
      filters.every((filter) => meets(image, filter)),
  );
  const newestFirst = found.toSorted((left, right) => right.creationDate.localeCompare(left.creationDate));
  const [image] = newestFirst;
  if (image === undefined) throw new ApiError("", "Your query returned no results. Please change your search criteria and try again.");
  if (found.length > 1 && asked.mostRecent !== true)
    throw new ApiError(
      "",
      "Your query returned more than one result. Please try a more specific search criteria, or set `most_recent` attribute to true.",
    );
  return describe(image);
}

function meets(image: Image, { name, values }: { name: string; values: string[] }): boolean {
  const value = FILTERED[name]?.(image);
  if (value === undefined) throw new ApiError("InvalidParameterValue", `The filter '${name}' is invalid`);
  return values.some((pattern) => wildcard(pattern).test(value));
}

/** `*` stands for any text, `?` for one character. */
function wildcard(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}

function describe(image: Image): Properties {
  const { rootVolumeGib, ...shown } = image;
  const ebs = { delete_on_termination: "true", encrypted: "false", volume_size: `${rootVolumeGib}`, volume_type: "gp3" };
  return {
    ...shown,
    arn: `arn:aws:ec2:::image/${image.imageId}`,
    blockDeviceMappings: [{ deviceName: image.rootDeviceName, ebs, noDevice: "", virtualName: "" }],
    bootMode: image.architecture === "arm64" ? "uefi" : "uefi-preferred",
    deprecationTime: "",
    description: "",
    enaSupport: true,
    hypervisor: "xen",
    id: image.imageId,
    imageLocation: `${image.ownerId}/${image.name}`,
    imageOwnerAlias: "",
    imageType: "machine",
    kernelId: "",
    platform: "",
    platformDetails: "Linux/UNIX",
    productCodes: [],
    public: true,
    ramdiskId: "",
    rootDeviceType: "ebs",
    rootSnapshotId: image.imageId.replace("ami", "snap"),
    sriovNetSupport: "simple",
    state: "available",
    stateReason: { code: "UNSET", message: "UNSET" },
    tags: {},
    tpmSupport: "",
    usageOperation: "RunInstances",
    virtualizationType: "hvm",
  };
}
