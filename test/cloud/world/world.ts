import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Fault, type FaultRule, takeFrom } from "./faults.ts";
import { whileLocked } from "./folder-lock.ts";

/** A resource as its cloud holds it: the resource's outputs, by Pulumi's property names, in plain values. */
export type WorldRecord = Record<string, unknown>;

/** All that exists in the clouds. */
export interface WorldState {
  /** Resources by Pulumi's type token, then by id. */
  records: Record<string, Record<string, WorldRecord>>;
  /** What is there without anybody having declared it (images, zones, quotas), by cloud. */
  seeds: Record<string, unknown>;
}

/** One call of a cloud's API that the real provider would have made. */
export interface ApiCall {
  readonly at: string;
  /** As an access policy names it, such as `ec2:RunInstances`. */
  readonly action: string;
  readonly type: string;
  readonly id?: string;
  /** `ok`, or the code of the error it was answered with. */
  readonly outcome: string;
}

/** Environment variable that tells every process of a test where the world is. */
export const WORLD_VARIABLE = "REVERSE_BASTION_WORLD";

/** The clouds' resources in a folder that several processes share: provider plugins, machine hosts, tests. */
export class World {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The world the environment names. */
  static ofEnvironment(): World {
    const folder = process.env[WORLD_VARIABLE];
    if (folder === undefined || folder === "") throw new Error(`${WORLD_VARIABLE} must name the folder of the stand-in cloud`);
    return new World(folder);
  }

  /** Makes a new world. */
  static create(folder: string, seeds: Record<string, unknown> = {}): World {
    const world = new World(folder);
    mkdirSync(folder, { recursive: true });
    if (existsSync(world.#path("world.json"))) throw new Error(`${folder} holds a world already`);
    world.#write("world.json", { records: {}, seeds } satisfies WorldState);
    return world;
  }

  /** Where the machine host listens, when there is one. */
  get machineSocket(): string {
    return this.#path("machines.sock");
  }

  /** The world as it is now. */
  read(): WorldState {
    return this.#parse("world.json") as WorldState;
  }

  /** Records of one type, by id. */
  records(type: string): Record<string, WorldRecord> {
    return this.read().records[type] ?? {};
  }

  /** One record, or `undefined` where there is none. */
  find(type: string, id: string): WorldRecord | undefined {
    return this.records(type)[id];
  }

  /** Changes the world. What `change` does to the state is kept, unless it throws. */
  async change<T>(change: (state: WorldState) => T): Promise<T> {
    return this.#whileLocked(() => {
      const state = this.read();
      const result = change(state);
      for (const [type, records] of Object.entries(state.records)) if (Object.keys(records).length === 0) delete state.records[type];
      this.#write("world.json", state);
      return result;
    });
  }

  /** Drift: sets properties of a record behind Pulumi's back; `undefined` removes one. */
  async alter(type: string, id: string, properties: WorldRecord): Promise<void> {
    await this.change((state) => Object.assign(existing(state, type, id), properties));
  }

  /** Drift: removes a record behind Pulumi's back, whatever refers to it. */
  async forget(type: string, id: string): Promise<void> {
    await this.change((state) => {
      existing(state, type, id);
      delete state.records[type]?.[id];
    });
  }

  /** Writes a call down. */
  addCall(call: Omit<ApiCall, "at">): void {
    appendFileSync(this.#path("calls.jsonl"), `${JSON.stringify({ at: new Date().toISOString(), ...call })}\n`);
  }

  /** Every call so far, oldest first. */
  calls(): ApiCall[] {
    const path = this.#path("calls.jsonl");
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as ApiCall);
  }

  /** Has a coming call go wrong. Rules are tried in the order they were added; the first that applies is used. */
  async addFault(rule: FaultRule): Promise<void> {
    await this.#whileLocked(() => this.#write("faults.json", [...this.#faults(), rule]));
  }

  /** Uses up the fault that applies to this call of an action, if there is one. */
  async takeFault(action: string): Promise<Fault | undefined> {
    if (!existsSync(this.#path("faults.json"))) return undefined;
    return this.#whileLocked(() => {
      const { fault, rules } = takeFrom(this.#faults(), action);
      this.#write("faults.json", rules);
      return fault;
    });
  }

  /** Has everything go right again. */
  async clearFaults(): Promise<void> {
    await this.#whileLocked(() => this.#write("faults.json", []));
  }

  #faults(): FaultRule[] {
    return existsSync(this.#path("faults.json")) ? (this.#parse("faults.json") as FaultRule[]) : [];
  }

  #whileLocked<T>(action: () => T): Promise<T> {
    return whileLocked(this.#path("lock"), action);
  }

  #parse(name: string): unknown {
    return JSON.parse(readFileSync(this.#path(name), "utf8"));
  }

  /** Readers take no lock: they see the former file or this one, never a part. */
  #write(name: string, content: unknown): void {
    const staged = this.#path(`${name}.new`);
    writeFileSync(staged, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    renameSync(staged, this.#path(name));
  }

  #path(name: string): string {
    return join(this.folder, name);
  }
}

function existing(state: WorldState, type: string, id: string): WorldRecord {
  const record = state.records[type]?.[id];
  if (record === undefined) throw new Error(`there is no ${type} ${id} in this world`);
  return record;
}
