import { Architecture } from "../architecture.ts";
import { quoteForMessage } from "../problem.ts";

/** `Standard_`, the family, the number of processors, and letters for what it has; a `p` among them is an Arm processor. */
const SIZE = /^Standard_[A-Z]{1,3}\d+(?:-\d+)?([a-z]*)(?:_[A-Za-z0-9]+)*$/;
/** Sizes that start images of the first generation only: A, D up to v3 and E v3 without an `s`, F and G of the first version. */
const FIRST_GENERATION = /^Standard_(?:A\d+m?(?:_v2)?|D\d+(?:_v[23](?:_Promo)?)?|E\d+i?_v3|[FG]\d+)$/;
/** Sizes for large databases, which have no Trusted Launch. */
const NO_TRUSTED_LAUNCH = /^Standard_M\d/;

/** Why a text cannot be the size of a bastion's machine, or `undefined` if it can. */
export function checkVmSize(size: string): string | undefined {
  return SIZE.test(size) ? undefined : `got ${quoteForMessage(size)}; expected a size of virtual machines such as "Standard_B2ats_v2"`;
}

/** The architecture of a size, which its image must share. */
export function architectureOfSize(size: string): Architecture {
  return SIZE.exec(size)?.[1]?.includes("p") ? Architecture.Arm64 : Architecture.X86_64;
}

/** Whether a size starts images of the second generation, which the stock images are. */
export function startsSecondGeneration(size: string): boolean {
  return !FIRST_GENERATION.test(size);
}

/** Whether a size has Trusted Launch: secure boot and a virtual TPM. */
export function hasTrustedLaunch(size: string): boolean {
  return architectureOfSize(size) === Architecture.X86_64 && startsSecondGeneration(size) && !NO_TRUSTED_LAUNCH.test(size);
}
