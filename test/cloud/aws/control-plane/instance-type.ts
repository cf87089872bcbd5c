import { ApiError } from "../../world/provider/api.ts";
import type { Image } from "./seeds.ts";

/** Families of instance types by the processor they run on. */
const FAMILIES: Readonly<Record<Image["architecture"], readonly string[]>> = {
  arm64: ["t4g", "m6g", "m7g", "m8g", "c6g", "c7g", "c8g", "c6gn", "c7gn", "r6g", "r7g"],
  x86_64: ["t2", "t3", "t3a", "m5", "m5a", "m6a", "m6i", "m7a", "m7i", "m7i-flex", "c5", "c6a", "c6i", "c7a", "c7i", "r5", "r6i", "r7i"],
};
const SIZES = ["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge"];
/** Only burstable instances come that small. */
const BURSTABLE_SIZES = ["nano", "micro", "small"];

/** What is known of an instance type. */
export interface InstanceType {
  readonly architecture: Image["architecture"];
  readonly isBurstable: boolean;
}

/** The instance type of a name. */
export function instanceTypeOf(name: string): InstanceType {
  const [family = "", size = ""] = name.split(".");
  const isBurstable = /^t\d/.test(family);
  const isKnown = SIZES.includes(size) && (isBurstable || !BURSTABLE_SIZES.includes(size));
  for (const architecture of ["arm64", "x86_64"] as const)
    if (isKnown && FAMILIES[architecture].includes(family)) return { architecture, isBurstable };
  throw new ApiError("InvalidParameterValue", `The following supplied instance types do not exist: [${name}]`);
}

/** Refuses an image that was built for another processor than the type's. */
export function refuseOtherArchitecture(image: Image, name: string): void {
  const { architecture } = instanceTypeOf(name);
  if (architecture !== image.architecture)
    throw new ApiError(
      "InvalidParameterValue",
      `The architecture '${architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
    );
}
