import { createHash, randomBytes } from "node:crypto";
import type { ApiObject } from "../../../cluster/api-objects.ts";
import { Annotation, isAnnotated } from "./annotations.ts";

const RANDOM_CHARACTERS = 8;

/** How the engine would like names to be made. */
export interface Naming {
  /** The same in the same run; empty where the engine gives none. */
  readonly seed: Uint8Array;
  readonly proposedName?: string;
  /** The program has to give every name. */
  readonly mustBeNamed: boolean;
}

/** Gives an object without a name one: its former one if Pulumi made that, else a new one that no other has. */
export function named(object: ApiObject, former: ApiObject | undefined, resourceName: string, naming: Naming): ApiObject {
  if (object.metadata.name) return object;
  if (object.metadata.generateName) throw new Error("the `.metadata.generateName` field is not supported in Server-Side Apply mode");
  if (former !== undefined) return isAnnotated(former, Annotation.Autonamed) ? withName(object, former.metadata.name ?? "") : object;
  if (naming.mustBeNamed) throw new Error("autonaming is disabled, resource requires the .metadata.name field to be set");
  return withName(object, naming.proposedName ?? `${resourceName}-${hexadecimal(naming.seed)}`);
}

/** A field manager that nobody else is. */
export function newFieldManager(): string {
  return `pulumi-kubernetes-${randomBytes(RANDOM_CHARACTERS / 2).toString("hex")}`;
}

function withName(object: ApiObject, name: string): ApiObject {
  const annotations = { ...object.metadata.annotations, [Annotation.Autonamed]: "true" };
  return { ...object, metadata: { ...object.metadata, name, annotations } };
}

function hexadecimal(seed: Uint8Array): string {
  const bytes = seed.length === 0 ? randomBytes(RANDOM_CHARACTERS) : createHash("sha256").update(seed).digest();
  return bytes.toString("hex").slice(0, RANDOM_CHARACTERS);
}
