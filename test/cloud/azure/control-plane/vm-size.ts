import { ApiError } from "../../world/provider/api.ts";
import type { Image } from "./seeds.ts";

/** What a size of machine is made of: `Standard_B2pts_v2` is of family B, with the additive letters `pts`, version 2. */
interface VmSize {
  readonly family: string;
  readonly letters: string;
  readonly version: number;
}

const SIZE = /^Standard_([A-Z]{1,2})(\d+)([a-z]*)(?:_v(\d))?$/;
/** Sizes of those families and versions exist. */
const VERSIONS: Readonly<Record<string, readonly number[]>> = {
  A: [2],
  B: [1, 2],
  D: [2, 3, 4, 5, 6],
  DC: [2, 3],
  E: [3, 4, 5, 6],
  F: [1, 2],
};
const CORES = ["1", "2", "4", "8", "16", "32", "48", "64", "96"];
/** Sizes that boot by UEFI only, those that do not, and those that have no trusted launch. */
const isSecondGenerationOnly = ({ family, version }: VmSize) => version >= 6 || family === "DC";
const isFirstGenerationOnly = ({ family, letters, version }: VmSize) =>
  family === "A" || (family === "D" && version <= 3 && !letters.includes("s"));

/** Refuses sizes that do not exist, or that no room is left for. */
export function refuseSize(vmSize: unknown, location: unknown, unavailable: readonly string[]): void {
  const size = parse(vmSize);
  if (size === undefined)
    throw new ApiError(
      "InvalidParameter",
      `The value ${String(vmSize)} provided for the VM size is not valid. The valid sizes in the current region are: Standard_B1s,Standard_B2ats_v2,Standard_B2pts_v2,Standard_D2s_v5. Find out more on the valid VM sizes in each region at https://aka.ms/azure-regions.`,
    );
  if (unavailable.includes(String(vmSize)))
    throw new ApiError(
      "SkuNotAvailable",
      `The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: ${String(vmSize)}' is currently not available in location '${String(location)}'. Please try another size or deploy to a different location or different zone. See https://aka.ms/azureskunotavailable for details.`,
    );
}

/** Refuses a size that cannot boot an image. */
export function refuseOtherImage(vmSize: string, image: Image, isTrusted: boolean): void {
  const size = parse(vmSize) as VmSize;
  const architecture = architectureOf(size);
  if (architecture !== image.architecture)
    throw new ApiError(
      "BadRequest",
      `Cannot create a VM of size '${vmSize}' because this VM size only supports a CPU Architecture of '${architecture}', but an image or disk with CPU Architecture '${image.architecture}' was given. Please check that the CPU Architecture of the image or disk is compatible with that of the VM size.`,
    );
  if ((isSecondGenerationOnly(size) && image.generation === 1) || (isFirstGenerationOnly(size) && image.generation === 2))
    throw new ApiError(
      "BadRequest",
      `The selected VM size '${vmSize}' cannot boot Hypervisor Generation '${image.generation}'. If this was a Create operation please check that the Hypervisor Generation of the Image matches the Hypervisor Generation of the selected VM Size. If this was an Update operation please select a Hypervisor Generation '${image.generation}' VM Size. For more information, see https://aka.ms/azuregen2vm`,
    );
  if (!isTrusted) return;
  if (image.generation === 1)
    throw new ApiError(
      "BadRequest",
      "Use of TrustedLaunch setting is not supported for the provided image. Please select Trusted Launch Supported Gen2 OS Image. For more information, see https://aka.ms/TrustedLaunch-FAQ.",
    );
  if (architecture === "Arm64" || isFirstGenerationOnly(size))
    throw new ApiError(
      "BadRequest",
      `The VM size '${vmSize}' is not supported for creation of VMs and Virtual Machine Scale Set with 'TrustedLaunch' security type. For more information, see https://aka.ms/TrustedLaunch-FAQ`,
    );
}

/** The additive letter `p` is for processors of ARM. */
function architectureOf({ letters }: VmSize): Image["architecture"] {
  return letters.includes("p") ? "Arm64" : "x64";
}

function parse(vmSize: unknown): VmSize | undefined {
  const [, family = "", cores = "", letters = "", version = "1"] = SIZE.exec(String(vmSize)) ?? [];
  if (!VERSIONS[family]?.includes(Number(version)) || !CORES.includes(cores)) return undefined;
  return { family, letters, version: Number(version) };
}
