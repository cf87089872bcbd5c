import { type Properties, withoutSecrets } from "../../plugin/values.ts";
import { type ApiDialect, ApiError } from "../../world/provider/api.ts";
import type { Cloud } from "../../world/provider/resource-kind.ts";
import { FUNCTIONS } from "./functions.ts";
import { addressKind } from "./kinds/address.ts";
import { firewallKind } from "./kinds/firewall.ts";
import { instanceKind } from "./kinds/instance.ts";
import { networkKind } from "./kinds/network.ts";
import { recordSetKind } from "./kinds/record-set.ts";
import { secretKind } from "./kinds/secret.ts";
import { secretIamMemberKind } from "./kinds/secret-iam-member.ts";
import { secretVersionKind } from "./kinds/secret-version.ts";
import { serviceAccountKind } from "./kinds/service-account.ts";
import { subnetworkKind } from "./kinds/subnetwork.ts";
import { effectiveLabels } from "./labels.ts";
import type { GcpContext } from "./project.ts";
import { seedsOf } from "./seeds.ts";
import { TYPE } from "./types.ts";

/** Statuses of HTTP by the reason of an error, in both of the forms that Google's services have. */
const STATUS: Readonly<Record<string, number>> = {
  forbidden: 403,
  PERMISSION_DENIED: 403,
  notFound: 404,
  NOT_FOUND: 404,
  alreadyExists: 409,
  ALREADY_EXISTS: 409,
  fieldSizeTooLarge: 413,
  rateLimitExceeded: 429,
  quotaExceeded: 403,
};
const BAD_REQUEST = 400;
/** What goes wrong with an operation after it was accepted. */
const OPERATION_ERRORS = ["IP_IN_USE_BY_ANOTHER_RESOURCE", "IP_SPACE_EXHAUSTED"];

/** Where the provider looks for what is not configured. */
const ENVIRONMENT: Readonly<Record<"project" | "region" | "zone", readonly string[]>> = {
  project: ["GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"],
  region: ["GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION"],
  zone: ["GOOGLE_ZONE", "GCLOUD_ZONE", "CLOUDSDK_COMPUTE_ZONE"],
};

const dialect: ApiDialect = {
  throttled: () => new ApiError("rateLimitExceeded", "Rate Limit Exceeded"),
  refused: (action) => new ApiError("forbidden", `Required '${action}' permission`),
  patienceSeconds: (state) => seedsOf(state).patienceSeconds,
};

/** Google Cloud, as the provider of `@pulumi/gcp` sees it. Calls go by the permissions they need. */
export const gcpCloud: Cloud<GcpContext> = {
  version: "9.37.0",
  dialect,
  functions: FUNCTIONS,
  kinds: {
    [TYPE.network]: networkKind,
    [TYPE.subnetwork]: subnetworkKind,
    [TYPE.address]: addressKind,
    [TYPE.firewall]: firewallKind,
    [TYPE.instance]: instanceKind,
    [TYPE.serviceAccount]: serviceAccountKind,
    [TYPE.secret]: secretKind,
    [TYPE.secretVersion]: secretVersionKind,
    [TYPE.secretIamMember]: secretIamMemberKind,
    [TYPE.recordSet]: recordSetKind,
  },
  replacingVariables: [],

  checkConfig: () => [],

  configure: (variables) => ({
    project: configured(variables, "project"),
    region: configured(variables, "region"),
    zone: configured(variables, "zone"),
    defaultLabels: document(variables.defaultLabels),
    addsAttributionLabel: String(withoutSecrets(variables.addPulumiAttributionLabel) ?? true) !== "false",
  }),

  complete: (inputs) => inputs,

  derive: effectiveLabels,

  describe({ action, code, message }, doing) {
    // What the provider finds out by itself carries no code, or no call.
    if (code === "") return message;
    const what = nounOf(action);
    if (OPERATION_ERRORS.includes(code)) return `Error waiting for ${doing} ${what}: ${code}: ${message}`;
    const reason = /^[A-Z_]+$/.test(code) ? "" : `, ${code}`;
    return `Error ${doing} ${what}: googleapi: Error ${STATUS[code] ?? BAD_REQUEST}: ${message}${reason}`;
  },
};

/** The kind of resource of a permission: `compute.instances.create` is about an Instance. */
function nounOf(action: string): string {
  const [, collection = ""] = action.split(".");
  return (collection.charAt(0).toUpperCase() + collection.slice(1)).replace(/(ss|s)e?s$/, "$1").replace(/([^s])s$/, "$1");
}

function configured(variables: Properties, name: keyof typeof ENVIRONMENT): string | undefined {
  const given = [withoutSecrets(variables[name]), ...ENVIRONMENT[name].map((variable) => process.env[variable])];
  return given.find((value): value is string => typeof value === "string" && value !== "");
}

function document(value: unknown): Readonly<Record<string, string>> {
  const given = withoutSecrets(value) ?? {};
  return typeof given === "string" ? (JSON.parse(given) as Record<string, string>) : (given as Record<string, string>);
}
