import { readFileSync } from "node:fs";

/** The process that a guard.sh guards, which it starts by way of `unshare`; `undefined` once it has ended. */
export function guardedProcess(guard: number): number | undefined {
  const starter = childrenOf(guard).find((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "unshare");
  return starter === undefined ? undefined : childrenOf(starter)[0];
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}
