import { recordsOf } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { isWithin } from "./arm-id.ts";
import { seedsOf } from "./seeds.ts";
import { TYPE } from "./types.ts";

/** A vault that goes keeps its name, and its secrets go with it. */
export function rememberDeletedVault(state: WorldState, id: string, { name, location }: WorldRecord): void {
  const seeds = seedsOf(state);
  const deleted = { name: String(name), location: String(location), deletionDate: new Date().toISOString() };
  state.seeds.azure = {
    ...seeds,
    deletedVaults: [...seeds.deletedVaults, deleted],
    deletedSecrets: seeds.deletedSecrets.filter((secret) => !isWithin(secret, id)),
  };
  for (const [secretId] of recordsOf(state, TYPE.secret)) if (isWithin(secretId, id)) delete state.records[TYPE.secret]?.[secretId];
}

/** A secret that goes while its vault stays keeps its name, too. */
export function rememberDeletedSecret(state: WorldState, id: string): void {
  const seeds = seedsOf(state);
  state.seeds.azure = { ...seeds, deletedSecrets: [...seeds.deletedSecrets, id] };
}
