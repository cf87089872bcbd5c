import { hasUnknown, type Properties, UNKNOWN_VALUE, withoutSecrets } from "../../plugin/values.ts";
import { type ApiDialect, ApiError } from "../../world/provider/api.ts";
import { isAbsent } from "../../world/provider/property.ts";
import type { Cloud } from "../../world/provider/resource-kind.ts";
import type { World } from "../../world/world.ts";
import { armKind } from "./arm-resource.ts";
import { azureNativeConventions } from "./conventions.ts";
import { FUNCTIONS } from "./functions.ts";
import { RESOURCES } from "./resources.ts";
import { azureSeeds, seedsOf } from "./seeds.ts";
import { type AzureContext, regionOfGroup } from "./subscription.ts";

/** Statuses of HTTP by the code of an error. */
const STATUS: Readonly<Record<string, number>> = {
  AuthorizationFailed: 403,
  LinkedAuthorizationFailed: 403,
  Forbidden: 403,
  ParentResourceNotFound: 404,
  PlatformImageNotFound: 404,
  GalleryImageNotFound: 404,
  ResourceGroupNotFound: 404,
  ResourceNotFound: 404,
  SubscriptionNotFound: 404,
  Conflict: 409,
  ConflictError: 409,
  ConflictingUserInput: 409,
  InvalidResourceLocation: 409,
  OperationNotAllowed: 409,
  PropertyChangeNotAllowed: 409,
  ResizeDiskError: 409,
  SkuNotAvailable: 409,
  VaultAlreadyExists: 409,
  TooManyRequests: 429,
};
const BAD_REQUEST = 400;

const dialect: ApiDialect = {
  throttled: () => new ApiError("TooManyRequests", "The request is being throttled as the limit has been reached for this operation."),
  refused: unauthorized,
  patienceSeconds: (state) => seedsOf(state).patienceSeconds,
};

/** Azure, as the provider of `@pulumi/azure-native` sees it. Calls go by the actions of Azure's roles. */
export const AZURE: Cloud<AzureContext> = {
  version: "3.28.0",
  dialect,
  conventions: azureNativeConventions,
  functions: FUNCTIONS,
  kinds: Object.fromEntries(RESOURCES.map((resource) => [resource.token, armKind(resource)])),
  replacingVariables: [],

  checkConfig: () => [],

  configure: (variables) => ({
    subscriptionId: text(variables.subscriptionId) ?? text(process.env.ARM_SUBSCRIPTION_ID),
    location: text(variables.location) ?? text(process.env.ARM_LOCATION),
  }),

  complete(inputs, kind, context, { world, former }) {
    const location =
      kind.properties.location === undefined || !isAbsent(inputs.location) ? undefined : defaultLocation(inputs, former, context, world);
    return {
      azureApiVersion: kind.properties.azureApiVersion?.default,
      ...inputs,
      ...(location === undefined ? {} : { location }),
    };
  },

  derive: () => ({}),

  describe: ({ code, message }) =>
    code === "" ? message : `Status=${STATUS[code] ?? BAD_REQUEST} Code="${code}" Message=${JSON.stringify(message)}`,
};

/** The region of what does not say it: as before, as configured, or as that of its resource group. */
function defaultLocation(inputs: Properties, former: Properties, context: AzureContext, world: World): unknown {
  if (!isAbsent(former.location)) return former.location;
  if (context.location !== undefined) return context.location;
  const group = withoutSecrets(inputs.resourceGroupName);
  if (isAbsent(group)) return undefined;
  if (hasUnknown(group)) return UNKNOWN_VALUE;
  const action = "Microsoft.Resources/subscriptions/resourceGroups/read";
  const location = regionOfGroup(world.read(), String(group));
  world.addCall({ action, type: "", outcome: location === undefined ? "ResourceGroupNotFound" : "ok" });
  return location;
}

function unauthorized(action: string): ApiError {
  const { clientId, objectId, subscriptionId } = azureSeeds().azure;
  const client = `The client '${clientId}' with object id '${objectId}'`;
  const scope = `/subscriptions/${subscriptionId}`;
  if (/\/(join|assign|joinViaServiceEndpoint)\/action$/.test(action))
    return new ApiError(
      "LinkedAuthorizationFailed",
      `${client} has permission to perform the write action on scope '${scope}'; however, it does not have permission to perform action(s) '${action}' on the linked scope(s) '${scope}' (respectively) or the linked scope(s) are invalid.`,
    );
  return new ApiError(
    "AuthorizationFailed",
    `${client} does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

function text(value: unknown): string | undefined {
  const plain = withoutSecrets(value);
  return typeof plain === "string" && plain !== "" ? plain : undefined;
}
