import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, type } from "node:os";

/** The machine that figures come from. */
export interface Conditions {
  readonly cpu: string;
  readonly cores: number;
  /** Whether the CPU has instructions for AES; unknown where nothing tells. */
  readonly hasAes: boolean | undefined;
  readonly system: string;
  readonly node: string;
  readonly pulumi: string;
  readonly openssh: string;
  /** Programs that wanted a core in the last minute, on average, before anything was measured. */
  readonly load: number;
}

export function readConditions(): Conditions {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    hasAes: readHasAes(),
    system: `${type()} ${release()}`,
    node: process.version,
    pulumi: execFileSync("pulumi", ["version"], { encoding: "utf8" }).trim(),
    openssh: execFileSync("sh", ["-c", "ssh -V 2>&1"], { encoding: "utf8" }).trim(),
    load: loadavg()[0] ?? 0,
  };
}

export function readHasAes(): boolean | undefined {
  try {
    return /^(?:flags|Features)\s*:.*\baes\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return undefined;
  }
}

export function renderConditions({ cpu, cores, hasAes, system, node, pulumi, openssh, load }: Conditions): string {
  const aes = hasAes === undefined ? "AES unknown" : hasAes ? "with AES" : "without AES";
  return `${cores} × ${cpu} (${aes}), ${system}, Node ${node}, Pulumi ${pulumi}, ${openssh}, load before ${load.toFixed(1)}`;
}
