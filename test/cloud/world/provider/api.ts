import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../faults.ts";
import type { World, WorldRecord, WorldState } from "../world.ts";

const ATTEMPTS = 25;
const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 1_000;
const POLL_MS = 100;

/** A refusal of a cloud's API. */
export class ApiError extends Error {
  readonly code: string;
  /** What was called, once that is known. */
  action = "";

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** How one cloud words what can happen to any call. */
export interface ApiDialect {
  throttled(action: string): ApiError;
  refused(action: string): ApiError;
  /** How long a call is made again that is refused because of a resource that is still going or coming. */
  patienceSeconds(state: WorldState): number;
}

/** The calls made for one resource by one operation of a provider: recorded, and subject to the world's faults. */
export class Api {
  readonly world: World;
  readonly type: string;
  /** The resource's id, once it has one. */
  id: string | undefined;
  readonly #dialect: ApiDialect;

  constructor(world: World, dialect: ApiDialect, type: string, id?: string) {
    this.world = world;
    this.#dialect = dialect;
    this.type = type;
    this.id = id;
  }

  /** Calls that look at things. */
  async look(...actions: readonly string[]): Promise<void> {
    for (const action of actions) await this.call(action, () => {});
  }

  /** A call that makes the resource. */
  async create<T extends WorldRecord>(action: string, make: (state: WorldState) => { id: string; record: T }): Promise<T> {
    return this.call(action, (state) => {
      const { id, record } = make(state);
      state.records[this.type] = { ...state.records[this.type], [id]: record };
      this.id = id;
      return record;
    });
  }

  /** A call that changes the resource. */
  async change(action: string, change: (record: WorldRecord, state: WorldState) => void): Promise<void> {
    await this.call(action, (state) => {
      const record = state.records[this.type]?.[this.id ?? ""];
      if (record === undefined) throw new ApiError("ResourceNotFound", `The ${this.type} '${this.id}' does not exist`);
      change(record, state);
    });
  }

  /** Has the record say what the provider remembers, not the cloud. */
  async note(change: (record: WorldRecord, state: WorldState) => void): Promise<void> {
    await this.world.change((state) => change(state.records[this.type]?.[this.id ?? ""] ?? {}, state));
  }

  /** A call that removes the resource. One that is gone already is as good. */
  async remove(action: string, check: (record: WorldRecord, state: WorldState) => void = () => {}): Promise<void> {
    await this.call(action, (state) => {
      const records = state.records[this.type];
      const record = records?.[this.id ?? ""];
      if (records === undefined || record === undefined) return;
      check(record, state);
      delete records[this.id ?? ""];
    });
  }

  /** A call that is made again and again while it is refused with one of these codes, as the real provider does. */
  async patiently<T>(codes: readonly string[], call: () => Promise<T>): Promise<T> {
    const end = Date.now() + this.#dialect.patienceSeconds(this.world.read()) * 1000;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof ApiError) || !codes.includes(error.code) || Date.now() > end) throw error;
        await sleep(POLL_MS);
      }
    }
  }

  /** One call: what it does to the world, with the faults that were asked for. */
  async call<T>(action: string, act: (state: WorldState) => T): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const fault = await this.world.takeFault(action);
      try {
        await this.#goWrongBefore(fault, action);
        const result = await this.world.change(act);
        this.#record(action, "ok");
        if (fault?.kind === "crash-after") process.exit(1);
        return result;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        error.action = action;
        this.#record(action, error.code);
        if (fault?.kind !== "throttle" || attempt === ATTEMPTS) throw error;
        await sleep(Math.min(FIRST_BACKOFF_MS * 2 ** attempt, LONGEST_BACKOFF_MS));
      }
    }
  }

  async #goWrongBefore(fault: Fault | undefined, action: string): Promise<void> {
    switch (fault?.kind) {
      case "slow":
        return sleep((fault.seconds ?? 1) * 1000);
      case "throttle":
        throw this.#dialect.throttled(action);
      case "fail": {
        const refused = this.#dialect.refused(action);
        throw new ApiError(fault.code ?? refused.code, fault.message ?? refused.message);
      }
      case "crash-before":
        process.exit(1);
    }
  }

  #record(action: string, outcome: string): void {
    this.world.addCall({ action, type: this.type, ...(this.id === undefined ? {} : { id: this.id }), outcome });
  }
}
