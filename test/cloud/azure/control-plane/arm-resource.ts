import type { Properties } from "../../plugin/values.ts";
import { type Api, ApiError } from "../../world/provider/api.ts";
import type { Property, PropertyProblem, PropertySchema } from "../../world/provider/property.ts";
import type { ResourceKind } from "../../world/provider/resource-kind.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { findById } from "./arm-id.ts";
import { type AzureContext, isSameLocation, refuseAbsentGroup, refuseLocation, resourceGroupId, subscriptionOf } from "./subscription.ts";
import { refuseTags } from "./tags.ts";
import { noteUses } from "./uses.ts";

/** What a PUT asks for. */
export interface PutRequest {
  readonly id: string;
  readonly name: string;
  /** Without the names that the id is made of. */
  readonly body: Properties;
  readonly inputs: Properties;
  /** What was there before, of a resource that is changed. */
  readonly former: WorldRecord | undefined;
  readonly subscriptionId: string;
}

/** A resource of Azure Resource Manager: one PUT makes it and changes it, a GET reads it, a DELETE removes it. */
export interface ArmResource {
  readonly token: string;
  /** As ARM names it, such as `Microsoft.Network/virtualNetworks/subnets`; by its id where that says more. */
  readonly type: string | ((id: string) => string);
  readonly apiVersion: string;
  /** The properties that name it and what it is in, outermost first. */
  readonly names: readonly string[];
  /** What may be said of those names before anything is called. */
  readonly nameChecks?: Readonly<Record<string, Property["check"]>>;
  /** What follows the resource group in its id. */
  readonly path: (inputs: Properties) => string;
  /** Whether it has a region, and whether azure-native makes another resource where that changes. */
  readonly location?: "replaces" | "stays";
  readonly hasTags?: true;
  readonly properties: PropertySchema;
  readonly outputs: readonly string[];
  readonly writeOnly?: readonly string[];
  readonly check?: (inputs: Properties) => PropertyProblem[];
  /** What one has to be allowed on other resources, such as `…/subnets/join/action`. */
  readonly linked?: (inputs: Properties) => readonly string[];
  /** The record after a PUT. Throws what ARM refuses. */
  put(state: WorldState, request: PutRequest): WorldRecord;
  /** What happens after it was accepted. */
  afterPut?(api: Api, former: WorldRecord | undefined): Promise<void>;
  refuseRemoval?(state: WorldState, id: string, record: WorldRecord): void;
  /** What happens before a DELETE is done. */
  beforeRemoval?(api: Api, record: WorldRecord): Promise<void>;
  /** What else goes, and what stays behind. */
  removed?(state: WorldState, id: string, record: WorldRecord): void;
  /** Removes it by another way than a DELETE of ARM. */
  remove?(api: Api, record: WorldRecord): Promise<void>;
}

const NO_REGION = "";

/** The kind of a resource of ARM, as azure-native treats all of them. */
export function armKind(resource: ArmResource): ResourceKind<AzureContext> {
  const { names, properties, outputs } = resource;
  const last = names.at(-1) ?? "";
  const typeOf = (id: string) => (typeof resource.type === "function" ? resource.type(id) : resource.type);
  return {
    properties: {
      ...properties,
      ...Object.fromEntries(
        names.map((name) => [name, { type: "string", required: true, replaces: true, check: resource.nameChecks?.[name] } as Property]),
      ),
      azureApiVersion: { type: "string", default: resource.apiVersion },
      ...(names[0] === "resourceGroupName" ? {} : { resourceGroupName: { type: "string", required: true, replaces: true } }),
      ...(resource.location === undefined ? {} : { location: locationProperty(resource.location) }),
      ...(resource.hasTags ? { tags: { type: { map: "string" } } } : {}),
    },
    outputs: ["azureApiVersion", "name", "type", ...outputs],
    autoName: { property: last, ...(names.length > 1 ? { isCopied: true } : {}) },
    reads: (id) => [`${typeOf(id)}/read`],
    ...(resource.writeOnly === undefined ? {} : { writeOnly: resource.writeOnly }),
    ...(resource.check === undefined ? {} : { check: resource.check }),

    async create(api, inputs, context) {
      const id = idOf(api.world.read(), resource, inputs, context);
      await api.look(`${typeOf(id)}/read`);
      if (findById(api.world.read(), resource.token, id) !== undefined)
        throw new ApiError("", `cannot create already existing resource '${id}'`);
      await api.look(...(resource.linked?.(inputs) ?? []));
      await put(api, resource, id, inputs);
      api.id = id;
      await resource.afterPut?.(api, undefined);
    },

    async update(api, { inputs, record }) {
      await api.look(...(resource.linked?.(inputs) ?? []));
      await put(api, resource, api.id ?? "", inputs);
      await resource.afterPut?.(api, record);
    },

    async delete(api, record) {
      if (resource.remove !== undefined) return resource.remove(api, record);
      const id = api.id ?? "";
      await api.call(`${typeOf(id)}/delete`, (state) => {
        if (state.records[resource.token]?.[id] !== undefined) resource.refuseRemoval?.(state, id, record);
      });
      await resource.beforeRemoval?.(api, record);
      await api.note((_record, state) => {
        delete state.records[resource.token]?.[id];
        resource.removed?.(state, id, record);
        noteUses(state);
      });
    },
  };
}

async function put(api: Api, resource: ArmResource, id: string, inputs: Properties): Promise<void> {
  const type = typeof resource.type === "function" ? resource.type(id) : resource.type;
  await api.call(`${type}/write`, (state) => {
    const former = state.records[resource.token]?.[id];
    const location = inputs.location ?? NO_REGION;
    if (resource.names[0] !== "resourceGroupName") refuseAbsentGroup(state, inputs.resourceGroupName);
    if (resource.location !== undefined) refuseLocation(location, type);
    if (former !== undefined && resource.location !== undefined && !isSameLocation(former.location, location))
      throw new ApiError(
        "InvalidResourceLocation",
        `The resource '${String(former.name)}' already exists in location '${String(former.location)}' in resource group '${String(inputs.resourceGroupName)}'. A resource with the same name cannot be created in location '${String(location)}'. Please select a new resource name.`,
      );
    refuseTags(inputs.tags);
    const name = String(inputs[resource.names.at(-1) ?? ""]);
    const [, , subscriptionId = ""] = id.split("/");
    const record = resource.put(state, { id, name, body: bodyOf(resource, inputs), inputs, former, subscriptionId });
    state.records[resource.token] = {
      ...state.records[resource.token],
      [id]: { ...record, azureApiVersion: resource.apiVersion, name, type },
    };
    noteUses(state);
  });
}

function idOf(state: WorldState, resource: ArmResource, inputs: Properties, context: AzureContext): string {
  return resourceGroupId(subscriptionOf(state, context), inputs.resourceGroupName) + resource.path(inputs);
}

function bodyOf({ names }: ArmResource, inputs: Properties): Properties {
  const isBody = (name: string) =>
    !names.includes(name) && !["resourceGroupName", "azureApiVersion"].includes(name) && !name.startsWith("__");
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => isBody(name)));
}

function locationProperty(location: "replaces" | "stays"): Property {
  return { type: "string", required: true, replaces: location === "replaces", same: isSameLocation };
}
