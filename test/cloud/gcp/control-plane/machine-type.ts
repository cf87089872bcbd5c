import { ApiError } from "../../world/provider/api.ts";
import { COMPUTE } from "./project.ts";
import type { Image } from "./seeds.ts";

const ARM = /^(t2a-standard|(c4a|n4a)-(standard|highcpu|highmem))-\d+$/;
const X86 = /^(e2-(micro|small|medium)|f1-micro|g1-small|(e2|n1|n2|n2d|n4|c3|c3d|c4|c4d|t2d)-(standard|highcpu|highmem)-\d+)$/;
/** Families that take no disks but Hyperdisks. */
const HYPERDISK_ONLY = ["n4", "n4a", "c4", "c4a", "c4d"];
/** Families that take no Hyperdisk as their boot disk. */
const PERSISTENT_DISK_ONLY = ["e2", "f1", "g1", "n1", "n2", "n2d", "t2a", "t2d"];

/** The processor of a machine type. */
export function architectureOf(machineType: string, project: string, zone: string): Image["architecture"] {
  if (ARM.test(machineType)) return "ARM64";
  if (X86.test(machineType)) return "X86_64";
  throw new ApiError(
    "invalid",
    `Invalid value for field 'resource.machineType': '${COMPUTE}projects/${project}/zones/${zone}/machineTypes/${machineType}'. The referenced resource does not exist.`,
  );
}

/** Refuses an image that was built for another processor than the machine type's. */
export function refuseOtherArchitecture(image: Image, machineType: string, project: string, zone: string): void {
  const architecture = architectureOf(machineType, project, zone);
  if (architecture !== image.architecture)
    throw new ApiError(
      "badRequest",
      `Requested boot disk architecture (${image.architecture}) is not compatible with machine type architecture (${architecture}).`,
    );
}

/** Refuses a type of boot disk that machines of a family cannot have. */
export function refuseDiskType(diskType: string, machineType: string): void {
  const [family = ""] = machineType.split("-");
  const isHyperdisk = diskType.startsWith("hyperdisk-");
  if (isHyperdisk ? PERSISTENT_DISK_ONLY.includes(family) : HYPERDISK_ONLY.includes(family))
    throw new ApiError("badRequest", `[${diskType}] features are not compatible for creating instance.`);
}
