import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Properties } from "../../plugin/values.ts";
import { World, type WorldState } from "../world.ts";
import { CloudProvider } from "./cloud-provider.ts";
import type { Cloud } from "./resource-kind.ts";

/** A resource, as the engine would know it. */
export interface Made {
  readonly id: string;
  readonly state: Properties;
  readonly inputs: Properties;
}

/** A stand-in cloud in a world of its own, asked for resources as the engine asks, without an engine. */
export class DirectProvider<Kind extends string, Context> {
  readonly #folder = mkdtempSync(join(tmpdir(), "direct-provider-"));
  readonly #types: Readonly<Record<Kind, string>>;
  readonly #code: RegExp;
  readonly world: World;
  readonly provider: CloudProvider<Context>;
  #made = 0;

  /** @param code finds the code of an error in its message. */
  constructor(
    cloud: Cloud<Context>,
    types: Readonly<Record<Kind, string>>,
    seeds: WorldState["seeds"],
    configuration: Properties,
    code: RegExp,
  ) {
    this.#types = types;
    this.#code = code;
    this.world = World.create(join(this.#folder, "world"), seeds);
    this.provider = new CloudProvider(cloud, this.world);
    this.provider.configure(configuration);
  }

  /** Checks and makes a resource. */
  async make(kind: Kind, inputs: Properties, name = "it"): Promise<Made> {
    const checked = this.check(kind, inputs, name);
    const { id, state } = await this.provider.create(this.urn(kind, name), checked, false);
    return { id, state, inputs: checked };
  }

  /** Inputs as a check completes them. Throws what it finds wrong, before anything was called. */
  check(kind: Kind, inputs: Properties, name = "it", former: Properties = {}): Properties {
    this.#made += 1;
    const checked = this.provider.check(this.urn(kind, name), former, inputs, new Uint8Array([this.#made]));
    const [problem] = checked.problems;
    if (problem !== undefined) throw new Error(`check of ${problem.property}: ${problem.reason}`);
    return checked.inputs;
  }

  /** What an update to other inputs would do: nothing, an update, or a replacement, and of which properties. */
  plan(kind: Kind, made: Made, inputs: Properties): string {
    const asked = this.check(kind, inputs, "it", made.inputs);
    const { differences, deleteBeforeReplace } = this.provider.diff(this.urn(kind, "it"), made, asked, []);
    const replaced = differences.filter(({ replaces }) => replaces);
    if (replaced.length === 0) return differences.length === 0 ? "same" : `update ${differences.map(({ path }) => path).join(" ")}`;
    return `${deleteBeforeReplace ? "delete and create" : "replace"} ${replaced.map(({ path }) => path).join(" ")}`;
  }

  async update(kind: Kind, made: Made, inputs: Properties): Promise<Made> {
    const asked = this.check(kind, inputs, "it", made.inputs);
    const state = await this.provider.update(this.urn(kind, "it"), made.id, made, asked, [], false);
    return { id: made.id, state, inputs: asked };
  }

  async remove(kind: Kind, { id }: Made): Promise<void> {
    await this.provider.delete(this.urn(kind, "it"), id);
  }

  /** The code of the error something is refused with, or the words of what a check finds wrong. */
  async refusal(action: () => Promise<unknown>): Promise<string> {
    try {
      await action();
    } catch (error) {
      const { message } = error as Error;
      return this.#code.exec(message)?.[0] ?? message;
    }
    return "not refused";
  }

  urn(kind: Kind, name: string): string {
    return `urn:pulumi:test::test::${this.#types[kind]}::${name}`;
  }

  /** Actions called since some number of calls. */
  actionsSince(count: number): string[] {
    return this.world
      .calls()
      .slice(count)
      .map(({ action }) => action);
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
