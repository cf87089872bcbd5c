import { Architecture } from "../architecture.ts";
import { quoteForMessage } from "../problem.ts";

/** Families with Arm processors: Ampere's, Google's Axion, and the one beside Grace. */
const ARM = /^(?:t2a|c4a|n4a|a4x)-/;
/** The fourth generation, and what came after, boots from Hyperdisk and from no Persistent Disk. */
const HYPERDISK_ONLY = /^(?:[cn]4[ad]?|h4d|m4|x4|z4d?|a4x?)-/;

/** Why a text cannot be a machine type of Compute Engine, or `undefined` if it can. */
export function checkMachineType(type: string): string | undefined {
  if (
    /^[a-z]\d[a-z]?-(?:micro|small|medium|(?!custom-)[a-z]+-\d+[a-z]?(?:-[a-z]+)?|custom-(?:micro|small|medium|\d+)-\d+(?:-ext)?)$/.test(
      type,
    )
  )
    return undefined;
  return `got ${quoteForMessage(type)}; expected a machine type of Compute Engine such as "e2-micro"`;
}

/** The architecture of a machine type, which its image must share. */
export function architectureOfMachine(machineType: string): Architecture {
  return ARM.test(machineType) ? Architecture.Arm64 : Architecture.X86_64;
}

/** The kind of boot disk that a machine type takes. */
export function diskTypeOf(machineType: string): "pd-balanced" | "hyperdisk-balanced" {
  return HYPERDISK_ONLY.test(machineType) ? "hyperdisk-balanced" : "pd-balanced";
}
