import type { Kind, ObjectKey } from "./api-objects.ts";
import { ApiError } from "./api-transport.ts";

/** How the server names a kind in its addresses. */
export interface Resource {
  readonly kind: string;
  /** Plural, such as `deployments`. */
  readonly name: string;
  readonly namespaced: boolean;
}

/** Where a server has the objects of its kinds, as it says itself. */
export class Discovery {
  readonly #ask: (path: string) => Promise<{ readonly resources: readonly Resource[] }>;
  readonly #known = new Map<string, Promise<readonly Resource[]>>();

  constructor(ask: (path: string) => Promise<{ readonly resources: readonly Resource[] }>) {
    this.#ask = ask;
  }

  async find(kind: Kind): Promise<Resource | undefined> {
    const found = findResource(await this.#resourcesOf(kind.apiVersion), kind);
    if (found !== undefined) return found;
    // A definition may have come since.
    this.#known.delete(kind.apiVersion);
    return findResource(await this.#resourcesOf(kind.apiVersion), kind);
  }

  async resource(kind: Kind): Promise<Resource> {
    const found = await this.find(kind);
    if (found === undefined) throw new Error(`the server has no kind ${kind.kind} in ${kind.apiVersion}`);
    return found;
  }

  /** Address of an object, or without a name of those that it is to be created among. */
  async path(kind: Kind, key: Partial<ObjectKey>, subresource?: string): Promise<string> {
    const { name, namespaced } = await this.resource(kind);
    if (namespaced && key.namespace === undefined) throw new Error(`a ${kind.kind} is in a namespace, and none is given`);
    const parts = [...(namespaced ? ["namespaces", key.namespace] : []), name, key.name, subresource];
    return [groupPath(kind.apiVersion), ...parts.filter((part) => part !== undefined).map(encodeURIComponent)].join("/");
  }

  /** Address of all objects of a kind, or of those in one namespace. */
  async listPath(kind: Kind, namespace: string | undefined): Promise<string> {
    const { name } = await this.resource(kind);
    const parts = namespace === undefined ? [name] : ["namespaces", encodeURIComponent(namespace), name];
    return [groupPath(kind.apiVersion), ...parts].join("/");
  }

  #resourcesOf(apiVersion: string): Promise<readonly Resource[]> {
    const known = this.#known.get(apiVersion) ?? this.#askFor(apiVersion);
    this.#known.set(apiVersion, known);
    return known;
  }

  async #askFor(apiVersion: string): Promise<readonly Resource[]> {
    try {
      return (await this.#ask(groupPath(apiVersion))).resources;
    } catch (error) {
      this.#known.delete(apiVersion);
      // A group that the server does not know has no `Status` of its own.
      if (error instanceof ApiError && error.code === 404) return [];
      throw error;
    }
  }
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Subresources are listed beside their resources, with a slash in the name and sometimes of the same kind. */
function findResource(resources: readonly Resource[], { kind }: Kind): Resource | undefined {
  return resources.find((resource) => resource.kind === kind && !resource.name.includes("/"));
}
