import type { Properties } from "../../plugin/values.ts";
import type { World, WorldRecord, WorldState } from "../world.ts";
import type { Api, ApiDialect, ApiError } from "./api.ts";
import type { Conventions } from "./conventions.ts";
import type { PropertyProblem, PropertySchema } from "./property.ts";

/** One kind of resource of a stand-in cloud. `Context` is what the provider's configuration says. */
export interface ResourceKind<Context> {
  /** What may be given. */
  readonly properties: PropertySchema;
  /** What the cloud fills in besides: not known before the resource is made. */
  readonly outputs: readonly string[];
  /** What is secret in state whether or not it was among the inputs. */
  readonly secretOutputs?: readonly string[];
  /** Paths in a record that the cloud never tells, such as `osProfile.customData`. */
  readonly writeOnly?: readonly string[];
  /** The property that gets a name of the provider's choice where the program gives none: the logical one as it is if it `isCopied`. */
  readonly autoName?: { readonly property: string; readonly unlessGiven?: string; readonly longest?: number; readonly isCopied?: true };
  /** What a schema of single properties cannot say. Values may be unknown. */
  readonly check?: (inputs: Properties) => PropertyProblem[];
  /** Changed properties that need a new resource in this case only. */
  readonly replaces?: (changed: ReadonlySet<string>, actual: Properties, asked: Properties) => readonly string[];
  /** Outputs that a change of these properties makes unknown until it is done. */
  readonly recomputes?: (changed: ReadonlySet<string>) => readonly string[];
  /** Makes the resource. */
  create(api: Api, inputs: Properties, context: Context): Promise<void>;
  /** The calls that read it. */
  readonly reads: readonly string[] | ((id: string) => readonly string[]);
  /** Whether a record is only the memory of a resource. */
  readonly isGone?: (record: WorldRecord) => boolean;
  /** Throws what the cloud refuses about a changed record. */
  readonly validate?: (record: WorldRecord, state: WorldState, id: string) => void;
  /** Changes the resource in place, where there is more to it than the calls its properties name, which `apply` makes for those named. */
  update?(api: Api, change: Update, apply: (changed?: ReadonlySet<string>) => Promise<void>): Promise<void>;
  /** Removes the resource. */
  delete(api: Api, record: WorldRecord): Promise<void>;
}

/** What an update is to do. */
export interface Update {
  /** Top-level properties that differ. */
  readonly changed: ReadonlySet<string>;
  readonly inputs: Properties;
  readonly record: WorldRecord;
}

/** A function of a stand-in cloud, such as a look-up. */
export interface CloudFunction<Context> {
  readonly properties: PropertySchema;
  call(api: Api, inputs: Properties, context: Context): Promise<Properties>;
}

/** What a check may look at besides the inputs: the world, and the inputs the resource had before. */
export interface InputsOrigin {
  readonly world: World;
  readonly former: Properties;
}

/** A stand-in cloud, as its provider plugin knows it. */
export interface Cloud<Context> {
  /** The version of the real provider whose place this takes. */
  readonly version: string;
  readonly kinds: Readonly<Record<string, ResourceKind<Context>>>;
  readonly functions: Readonly<Record<string, CloudFunction<Context>>>;
  readonly dialect: ApiDialect;
  /** Those of a bridged provider unless it has others. */
  readonly conventions?: Conventions;
  /** What is wrong with the provider's configuration. */
  checkConfig(variables: Properties): PropertyProblem[];
  /** Reads the provider's configuration. */
  configure(variables: Properties): Context;
  /** What the provider's configuration adds to a resource's inputs. */
  complete(inputs: Properties, kind: ResourceKind<Context>, context: Context, about: InputsOrigin): Properties;
  /** What the provider works out from a resource's inputs by itself, and knows in a preview already. */
  derive(inputs: Properties, kind: ResourceKind<Context>, context: Context): Properties;
  /** Variables of the configuration of which another value makes another provider. */
  readonly replacingVariables: readonly string[];
  /** An error as the real provider prints it. */
  describe(error: ApiError, doing: string): string;
}
