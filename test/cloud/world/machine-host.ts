import { existsSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { World } from "./world.ts";

/** What is asked of the host that boots a world's machines. */
export interface MachineRequest {
  readonly do: "start" | "stop" | "reboot" | "terminate";
  readonly instance: string;
}

/** What it answers. */
export type MachineAnswer = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * Has the machine host do something and waits until it is done: one line of JSON there, one back. A world without a
 * machine host has its machines on record only, and every request succeeds.
 */
export async function askMachineHost(world: World, request: MachineRequest): Promise<MachineAnswer> {
  if (!existsSync(world.machineSocket)) return { ok: true };
  const socket = connect(world.machineSocket);
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    for await (const answer of createInterface(socket)) return JSON.parse(answer) as MachineAnswer;
    return { ok: false, reason: "the machine host hung up" };
  } finally {
    socket.destroy();
  }
}
