import { UnfinishedError } from "../../plugin/unfinished-error.ts";
import { isSecret, type Properties, secret, withoutSecrets } from "../../plugin/values.ts";
import type { World, WorldRecord } from "../world.ts";
import { Api, ApiError } from "./api.ts";
import { bridgeConventions } from "./bridge-conventions.ts";
import { type Conventions, type Remembered, topLevel } from "./conventions.ts";
import type { Difference } from "./difference.ts";
import { checkProperties, completeInputs, isAbsent, type PropertyProblem, type PropertySchema } from "./property.ts";
import type { Cloud, ResourceKind } from "./resource-kind.ts";

/** What a check gives back to the engine. */
export interface Checked {
  readonly inputs: Properties;
  readonly problems: readonly PropertyProblem[];
}

/** What would change, and how. */
export interface Planned {
  readonly differences: readonly Difference[];
  readonly deleteBeforeReplace: boolean;
  /** Whether differences are told by their whole paths. */
  readonly namesParts: boolean;
}

/** The provider of a stand-in cloud: what the engine asks of one, done to a world. Secrets in inputs are marked. */
export class CloudProvider<Context> {
  readonly cloud: Cloud<Context>;
  readonly #world: World;
  readonly #conventions: Conventions;
  #context: Context | undefined;

  constructor(cloud: Cloud<Context>, world: World) {
    this.cloud = cloud;
    this.#world = world;
    this.#conventions = cloud.conventions ?? bridgeConventions;
  }

  configure(variables: Properties): void {
    this.#context = this.cloud.configure(variables);
  }

  /** Checks inputs as the real provider's schema does, and fills in what follows from the former ones. */
  check(urn: string, former: Properties, given: Properties, seed: Uint8Array): Checked {
    const kind = this.#kind(typeOf(urn));
    const plain = withoutSecrets(given) as Properties;
    const chosen = this.#conventions.chooseName(kind, { urn, formerInputs: former, given: plain, seed });
    const about = { world: this.#world, former };
    const named = completeInputs(kind.properties, { ...given, ...chosen.inputs });
    const inputs = this.cloud.complete(named, kind, this.#configured, about);
    const whole = withoutSecrets(inputs) as Properties;
    const problems = [...this.#conventions.checkInputs(kind.properties, whole), ...chosen.problems];
    if (problems.length === 0) problems.push(...(kind.check?.(plain) ?? []));
    return { inputs, problems };
  }

  diff(urn: string, former: Remembered, asked: Properties, ignored: readonly string[]): Planned {
    const kind = this.#kind(typeOf(urn));
    const before = { inputs: withoutSecrets(former.inputs) as Properties, state: withoutSecrets(former.state) as Properties };
    const inputs = withoutSecrets(asked) as Properties;
    const found = this.#conventions
      .differences(kind.properties, before, inputs)
      .filter(({ path }) => !ignored.some((one) => `${path}.`.startsWith(`${one}.`)));
    const changed = topLevel(found);
    const inThisCase = kind.replaces?.(changed, before.state, inputs) ?? [];
    const all = found.map((one) => (inThisCase.includes(one.path) ? { ...one, replaces: true } : one));
    return {
      differences: all,
      deleteBeforeReplace: all.some(({ replaces }) => replaces) && this.#conventions.deletesFirst(kind, before, inputs),
      namesParts: this.#conventions.namesParts,
    };
  }

  async create(urn: string, asked: Properties, isPreview: boolean): Promise<{ id: string; state: Properties }> {
    const type = typeOf(urn);
    const kind = this.#kind(type);
    if (isPreview) return { id: "", state: { ...this.#conventions.previewOfCreate(kind, asked), ...this.#derive(kind, asked) } };
    const api = new Api(this.#world, this.cloud.dialect, type);
    const inputs = withoutSecrets(asked) as Properties;
    try {
      await kind.create(api, inputs, this.#configured);
      await api.note((record) => Object.assign(record, this.#derive(kind, inputs)));
      await api.look(...readsOf(kind, api.id));
    } catch (error) {
      const message = this.#explain(error, "creating");
      if (api.id === undefined) throw new Error(message);
      throw new UnfinishedError(message, { id: api.id, state: this.#stateOf(type, api.id, asked) });
    }
    return { id: api.id ?? "", state: this.#stateOf(type, api.id ?? "", asked) };
  }

  async read(
    urn: string,
    id: string,
    former: Properties,
    inputs: Properties,
  ): Promise<{ state: Properties; inputs: Properties } | undefined> {
    const type = typeOf(urn);
    const kind = this.#kind(type);
    const api = new Api(this.#world, this.cloud.dialect, type, id);
    await this.#explained("reading", () => api.look(...readsOf(kind, id)));
    const record = this.#world.find(type, id);
    if (record === undefined || kind.isGone?.(record)) return undefined;
    const found = this.#conventions.stateOf(kind, record);
    return {
      state: this.#stateOf(type, id, former),
      inputs: this.#conventions.inputsOf(kind.properties, { inputs, state: former }, found),
    };
  }

  async update(
    urn: string,
    id: string,
    former: Remembered,
    asked: Properties,
    ignored: readonly string[],
    isPreview: boolean,
  ): Promise<Properties> {
    const type = typeOf(urn);
    const kind = this.#kind(type);
    const changed = topLevel(this.diff(urn, former, asked, ignored).differences);
    if (isPreview) return { ...this.#conventions.previewOfUpdate(kind, former.state, asked, changed), ...this.#derive(kind, asked) };
    const api = new Api(this.#world, this.cloud.dialect, type, id);
    const inputs = withoutSecrets(asked) as Properties;
    await this.#explained("updating", async () => {
      const record = this.#world.find(type, id) ?? {};
      const apply = (named: ReadonlySet<string> = changed) => applyChanges(api, kind, named, inputs, record, id);
      await (kind.update?.(api, { changed, inputs, record }, apply) ?? apply());
      await api.note((current) => Object.assign(current, this.#derive(kind, inputs)));
      await api.look(...readsOf(kind, id));
    });
    return this.#stateOf(type, id, asked);
  }

  async delete(urn: string, id: string): Promise<void> {
    const type = typeOf(urn);
    const record = this.#world.find(type, id) ?? {};
    await this.#explained("deleting", () => this.#kind(type).delete(new Api(this.#world, this.cloud.dialect, type, id), record));
  }

  async invoke(token: string, given: Properties): Promise<{ outputs: Properties; problems: readonly PropertyProblem[] }> {
    const called = Object.hasOwn(this.cloud.functions, token) ? this.cloud.functions[token] : undefined;
    if (called === undefined) throw new Error(`the stand-in cloud has no function ${token}`);
    const inputs = completeInputs(called.properties, withoutSecrets(given) as Properties);
    const problems = checkProperties(called.properties, inputs);
    if (problems.length > 0) return { outputs: {}, problems };
    const api = new Api(this.#world, this.cloud.dialect, token);
    return { outputs: await this.#explained("reading", () => called.call(api, inputs, this.#configured)), problems };
  }

  #derive(kind: ResourceKind<Context>, inputs: Properties): Properties {
    return this.cloud.derive(inputs, kind, this.#configured);
  }

  get #configured(): Context {
    if (this.#context === undefined) throw new Error("the provider has not been configured");
    return this.#context;
  }

  #kind(type: string): ResourceKind<Context> {
    const kind = Object.hasOwn(this.cloud.kinds, type) ? this.cloud.kinds[type] : undefined;
    if (kind === undefined) throw new Error(`the stand-in cloud has no resource type ${type}`);
    return kind;
  }

  /** What is there, with those properties secret that the program made secret or that always are. */
  #stateOf(type: string, id: string, marked: Properties): Properties {
    const record = this.#world.find(type, id) ?? {};
    const kind = this.#kind(type);
    const isHidden = (name: string) => kind.secretOutputs?.includes(name) || isSecret(marked[name]);
    return Object.fromEntries(
      Object.entries(this.#conventions.stateOf(kind, record)).map(([name, value]) => [name, isHidden(name) ? secret(value) : value]),
    );
  }

  async #explained<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw new Error(this.#explain(error, doing));
    }
  }

  #explain(error: unknown, doing: string): string {
    if (error instanceof ApiError) return this.cloud.describe(error, doing);
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Has each changed property changed by the calls it names, several of one call at once. */
async function applyChanges<Context>(
  api: Api,
  kind: ResourceKind<Context>,
  changed: ReadonlySet<string>,
  inputs: Properties,
  record: WorldRecord,
  id: string,
): Promise<void> {
  const byCall = new Map<string, string[]>();
  const silent: string[] = [];
  for (const name of changed) {
    const { changedBy = [] } = kind.properties[name] ?? { type: "string" };
    const actions = typeof changedBy === "function" ? changedBy(record[name], inputs[name]) : changedBy;
    if (actions.length === 0) silent.push(name);
    for (const action of actions) byCall.set(action, [...(byCall.get(action) ?? []), name]);
  }
  for (const [action, names] of byCall)
    await api.change(action, (current, state) => {
      assign(current, kind.properties, inputs, names);
      kind.validate?.(current, state, id);
    });
  await api.note((current) => assign(current, kind.properties, inputs, silent));
}

/** Has a record say what inputs ask of some properties. */
export function assign(record: WorldRecord, schema: PropertySchema, inputs: Properties, names: readonly string[]): void {
  for (const name of names) {
    const asked = inputs[name] ?? schema[name]?.default;
    const type = schema[name]?.type;
    if (isAbsent(asked)) delete record[name];
    else if (typeof type === "object" && "object" in type) record[name] = { ...(record[name] as Properties), ...(asked as Properties) };
    else record[name] = asked;
  }
}

function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function readsOf<Context>({ reads }: ResourceKind<Context>, id = ""): readonly string[] {
  return typeof reads === "function" ? reads(id) : reads;
}
