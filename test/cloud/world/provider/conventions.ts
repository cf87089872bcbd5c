import type { Properties } from "../../plugin/values.ts";
import type { WorldRecord } from "../world.ts";
import type { Difference } from "./difference.ts";
import type { PropertyProblem, PropertySchema } from "./property.ts";
import type { ResourceKind } from "./resource-kind.ts";

/** What the engine remembers of a resource: what was asked for, and what came of it. */
export interface Remembered {
  readonly inputs: Properties;
  readonly state: Properties;
}

/** A kind of resource, without what it does. */
export type KindShape = Pick<ResourceKind<never>, "properties" | "outputs" | "autoName" | "recomputes" | "writeOnly">;

/** What a resource is named by where the program does not do it. */
export interface NamingRequest {
  readonly urn: string;
  readonly formerInputs: Properties;
  readonly given: Properties;
  readonly seed: Uint8Array;
}

/** What every provider does, and each family of providers in a way of its own. */
export interface Conventions {
  /** What is wrong with inputs by their schema. */
  checkInputs(schema: PropertySchema, inputs: Properties): PropertyProblem[];
  /** The name the provider chooses, and what is wrong with it; neither where the program gives one. */
  chooseName(kind: KindShape, request: NamingRequest): { inputs: Properties; problems: PropertyProblem[] };
  /** Where a resource is not as its inputs ask. */
  differences(schema: PropertySchema, former: Remembered, asked: Properties): Difference[];
  /** Whether the engine is told of every part that differs, not only of the property it is in. */
  readonly namesParts: boolean;
  /** Whether a replacement has to delete first, because two of one name cannot be there at once. */
  deletesFirst(kind: KindShape, former: Remembered, asked: Properties): boolean;
  /** What a preview knows of a resource that would be made. */
  previewOfCreate(kind: KindShape, asked: Properties): Properties;
  /** What a preview knows of a resource that would be changed. */
  previewOfUpdate(kind: KindShape, state: Properties, asked: Properties, changed: ReadonlySet<string>): Properties;
  /** Inputs as they would have to be for a resource to be as it was found. */
  inputsOf(schema: PropertySchema, former: Remembered, found: Properties): Properties;
  /** What the cloud tells of a record. */
  stateOf(kind: KindShape, record: WorldRecord): Properties;
}

/** Names of properties that differ, without their parts. */
export function topLevel(found: readonly Difference[]): Set<string> {
  return new Set(found.map(({ path }) => path.split(/[.[]/)[0] ?? ""));
}

/** The name a program gives a resource. */
export function logicalName(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}
