import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { run } from "../../../cloud/machine/command.ts";
import type { VolumeSource } from "../api/volume.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** Makes a folder a fresh `emptyDir`. One in memory is as large as it says; of others a size would be watched, not held. */
export async function makeEmptyDirectory(
  folder: string,
  { medium, sizeLimit }: NonNullable<VolumeSource["emptyDir"]>,
  fsGroup: number | undefined,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (medium === "Memory") {
    const size = sizeLimit === undefined ? [] : [`size=${parseQuantity(sizeLimit)}`];
    await run("mount", ["-t", "tmpfs", "-o", ["mode=777", ...size].join(","), "tmpfs", folder]);
  }
  if (fsGroup !== undefined) chownSync(folder, 0, fsGroup);
  chmodSync(folder, fsGroup === undefined ? 0o777 : 0o2777);
}

/** Bytes of a quantity of the API, such as `64Mi`. */
export function parseQuantity(text: string): number {
  const [, number, unit = ""] = /^([0-9.]+)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (number === undefined || factor === undefined) throw new Error(`${text} is not a size that this node knows`);
  return Math.ceil(Number(number) * factor);
}
