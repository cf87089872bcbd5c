import type { RegisteredResource } from "./engine.ts";

/** The one resource of a name. */
export function resourceIn(registered: readonly RegisteredResource[], name: string): RegisteredResource {
  const found = registered.filter((resource) => resource.name === name);
  const [resource] = found;
  if (resource === undefined || found.length > 1) throw new Error(`${found.length} resources are called ${name}`);
  return resource;
}

/** All resources of one type. */
export const ofType = (registered: readonly RegisteredResource[], type: string): RegisteredResource[] =>
  registered.filter((resource) => resource.type === type);
