import type { ApiList, ApiObject, Kind, ObjectKey, Status, WatchEvent } from "./api-objects.ts";
import { type ApiConnection, ApiError, type ApiRequest, ApiTransport, isRefusal } from "./api-transport.ts";
import { Discovery } from "./discovery.ts";

/** How strictly the server treats fields that it does not know, or finds twice. */
export type FieldValidation = "Ignore" | "Warn" | "Strict";

export interface WriteOptions {
  readonly fieldManager?: string;
  /** Everything but the storing. */
  readonly dryRun?: boolean;
  readonly fieldValidation?: FieldValidation;
  /** Such as `status`, `binding`, `eviction`, `token`, `scale`. */
  readonly subresource?: string;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Takes fields over from other managers instead of ending with a conflict. */
  readonly force?: boolean;
}

/** The formats of a patch, with how the API names them. */
export const PatchType = {
  JSON: "application/json-patch+json",
  MERGE: "application/merge-patch+json",
  STRATEGIC_MERGE: "application/strategic-merge-patch+json",
} as const;
export type PatchType = (typeof PatchType)[keyof typeof PatchType];

export interface DeleteOptions {
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export interface ListOptions {
  /** All namespaces without it. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface WatchOptions extends ListOptions {
  /** From the list that the watch goes on from; without it, it begins with what there is. */
  readonly resourceVersion?: string;
  /** Ends the watch, without an error. */
  readonly signal?: AbortSignal;
}

/** A client of a cluster's API, for one user. */
export class ApiClient {
  readonly connection: ApiConnection;
  readonly #transport: ApiTransport;
  readonly #discovery: Discovery;

  /** @param onWarning is told what the server has to say about a request that it obeys, such as an unknown field. */
  constructor(connection: ApiConnection, onWarning?: (warning: string) => void) {
    this.connection = connection;
    this.#transport = new ApiTransport(connection, onWarning);
    this.#discovery = new Discovery((path) => this.request({ method: "GET", path }));
  }

  /** Any request; `T` is what the caller knows of the answer. */
  async request<T>(request: ApiRequest): Promise<T> {
    return JSON.parse(await this.#transport.text(request)) as T;
  }

  /** Any request with an answer that is not JSON, such as `/readyz` or a log. */
  text(request: ApiRequest): Promise<string> {
    return this.#transport.text(request);
  }

  /** Whether the server has a kind at all. */
  async knows(kind: Kind): Promise<boolean> {
    return (await this.#discovery.find(kind)) !== undefined;
  }

  /** Whether objects of a kind are in a namespace. */
  async isNamespaced(kind: Kind): Promise<boolean> {
    return (await this.#discovery.resource(kind)).namespaced;
  }

  async get<T extends ApiObject = ApiObject>(kind: Kind, key: ObjectKey, subresource?: string): Promise<T> {
    return this.request({ method: "GET", path: await this.#discovery.path(kind, key, subresource) });
  }

  /** Like `get`, but `undefined` when there is no such object. */
  async find<T extends ApiObject = ApiObject>(kind: Kind, key: ObjectKey): Promise<T | undefined> {
    return this.get<T>(kind, key).catch((error: unknown) => {
      if (isRefusal(error, "NotFound")) return undefined;
      throw error;
    });
  }

  async list<T extends ApiObject = ApiObject>(kind: Kind, options: ListOptions = {}): Promise<ApiList<T>> {
    const { namespace, ...query } = options;
    const list = await this.request<ApiList<T>>({ method: "GET", path: await this.#discovery.listPath(kind, namespace), query });
    // In a list the server leaves out what all its items have in common.
    return { ...list, items: list.items.map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind })) };
  }

  /**
   * Creates an object. With a subresource, `object` is what is posted to it, such as a `Binding`, and names the object
   * that it is for.
   *
   * @param of kind of that object.
   */
  async create<T extends ApiObject = ApiObject>(object: ApiObject, options: WriteOptions = {}, of: Kind = object): Promise<T> {
    const { name, namespace } = object.metadata;
    const path =
      options.subresource === undefined
        ? await this.#discovery.path(of, { ...(namespace === undefined ? {} : { namespace }) })
        : await this.#discovery.path(of, { name: name ?? "", ...(namespace === undefined ? {} : { namespace }) }, options.subresource);
    return this.request({ method: "POST", path, query: toQuery(options), body: object });
  }

  /** Replaces an object; where it has a `resourceVersion`, only if that is still the stored one. */
  async replace<T extends ApiObject = ApiObject>(object: ApiObject, options: WriteOptions = {}): Promise<T> {
    const path = await this.#discovery.path(object, keyOf(object), options.subresource);
    return this.request({ method: "PUT", path, query: toQuery(options), body: object });
  }

  /** Server-side apply: creates the object or makes the given fields so, in the name of a field manager. */
  async apply<T extends ApiObject = ApiObject>(object: ApiObject, options: ApplyOptions): Promise<T> {
    const path = await this.#discovery.path(object, keyOf(object), options.subresource);
    const query = { ...toQuery(options), force: options.force };
    // JSON is YAML.
    return this.request({ method: "PATCH", path, query, body: object, contentType: "application/apply-patch+yaml" });
  }

  async patch<T extends ApiObject = ApiObject>(
    kind: Kind,
    key: ObjectKey,
    patch: object,
    type: PatchType,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = await this.#discovery.path(kind, key, options.subresource);
    return this.request({ method: "PATCH", path, query: toQuery(options), body: patch, contentType: type });
  }

  /** Asks for a deletion. The object may be there for a while yet: with finalizers, with a grace period. */
  async delete(kind: Kind, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    const { dryRun, ...rest } = options;
    const body = { apiVersion: "v1", kind: "DeleteOptions", ...rest, ...(dryRun ? { dryRun: ["All"] } : {}) };
    await this.#transport.text({ method: "DELETE", path: await this.#discovery.path(kind, key), body });
  }

  /**
   * What happens to the objects of a kind, until the server ends the watch, as it does after some minutes, or `signal`
   * says so. Throws an `ApiError` with the reason `Expired` when `resourceVersion` is too old: list again.
   */
  async *watch<T extends ApiObject = ApiObject>(kind: Kind, options: WatchOptions = {}): AsyncGenerator<WatchEvent<T>, void> {
    const { namespace, signal, ...query } = options;
    const path = await this.#discovery.listPath(kind, namespace);
    const watching = { ...query, watch: true, allowWatchBookmarks: true };
    try {
      const events = await this.#transport.open({ method: "GET", path, query: watching, ...(signal === undefined ? {} : { signal }) });
      for await (const line of linesOf(events)) yield toEvent<T>(JSON.parse(line) as WatchEvent<T> | ErrorEvent);
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  /** Closes the connections that are kept for the next request. */
  close(): void {
    this.#transport.close();
  }
}

interface ErrorEvent {
  readonly type: "ERROR";
  readonly object: Status;
}

function toEvent<T extends ApiObject>(event: WatchEvent<T> | ErrorEvent): WatchEvent<T> {
  if (event.type === "ERROR") throw new ApiError(event.object, event.object.code ?? 500);
  return event;
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function toQuery(options: WriteOptions): Record<string, string | undefined> {
  const { fieldManager, fieldValidation, dryRun } = options;
  return { fieldManager, fieldValidation, dryRun: dryRun ? "All" : undefined };
}

function keyOf({ metadata: { name, namespace } }: ApiObject): ObjectKey {
  if (name === undefined) throw new Error("an object that is to be written by its name has none");
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}
