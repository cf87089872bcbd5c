import { type Api, ApiError } from "../../../world/provider/api.ts";
import { assign } from "../../../world/provider/cloud-provider.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import type { WorldRecord } from "../../../world/world.ts";
import { type AwsContext, arnOf, regionOf } from "../account.ts";
import { tagsOf, tagsProperty } from "../tags.ts";

const LONGEST_NAME = 2048;
/** Of the name with the ARN's other parts. */
const LONGEST_FULL_NAME = 1011;
const MOST_LEVELS = 15;
const LONGEST_DESCRIPTION = 1024;
const LARGEST_STANDARD_BYTES = 4096;
const LARGEST_ADVANCED_BYTES = 8192;
const VALUES = ["insecureValue", "value"] as const;
const PUT = ["ssm:PutParameter"];

/** A parameter of the parameter store. */
export const parameterKind: ResourceKind<AwsContext> = {
  properties: {
    ...tagsProperty("ssm"),
    allowedPattern: { type: "string", changedBy: PUT },
    dataType: { type: "string", computed: true, replaces: true, allowed: ["aws:ec2:image", "aws:ssm:integration", "text"] },
    description: {
      type: "string",
      changedBy: PUT,
      check: (text: string) =>
        text.length > LONGEST_DESCRIPTION ? `expected length of description to be in the range (0 - ${LONGEST_DESCRIPTION})` : undefined,
    },
    insecureValue: { type: "string", computed: true, changedBy: PUT },
    keyId: { type: "string", computed: true, changedBy: PUT },
    name: {
      type: "string",
      computed: true,
      replaces: true,
      check: (name: string) =>
        name === "" || name.length > LONGEST_NAME ? `expected length of name to be in the range (1 - ${LONGEST_NAME})` : undefined,
    },
    overwrite: { type: "boolean" },
    region: { type: "string", computed: true, replaces: true },
    tier: {
      type: "string",
      computed: true,
      allowed: ["Standard", "Advanced", "Intelligent-Tiering"],
      changedBy: PUT,
      same: (actual, asked) => actual !== undefined && asked === "Intelligent-Tiering",
    },
    type: { type: "string", required: true, allowed: ["String", "StringList", "SecureString"], changedBy: PUT },
    value: { type: "string", computed: true, changedBy: PUT },
  },
  outputs: ["arn", "hasValueWo", "version"],
  secretOutputs: ["value"],
  autoName: { property: "name", longest: LONGEST_FULL_NAME },
  reads: ["ssm:GetParameter", "ssm:DescribeParameters", "ssm:ListTagsForResource"],
  recomputes: (changed) => (changed.has("value") || changed.has("insecureValue") || changed.has("description") ? ["version"] : []),
  // AWS does not take a parameter down to the standard tier.
  replaces: (changed, actual, asked) => (changed.has("tier") && actual.tier === "Advanced" && asked.tier === "Standard" ? ["tier"] : []),
  check: (inputs) => {
    const given = VALUES.filter((name) => inputs[name] !== undefined);
    const problems =
      given.length === 1
        ? []
        : [{ property: "value", reason: `Invalid combination of arguments. One of ${VALUES.join(", ")} must be specified` }];
    if (inputs.type === "SecureString" && inputs.insecureValue !== undefined)
      problems.push({ property: "insecureValue", reason: "invalid configuration, cannot set type = SecureString and insecureValue" });
    return problems;
  },

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    const name = String(inputs.name);
    const tagsAreLater = inputs.overwrite === true;
    if (!tagsAreLater && Object.keys((inputs.tags ?? {}) as object).length > 0) await api.look("ssm:AddTagsToResource");
    await putParameter(
      api,
      { ...inputs, ...tagsOf(inputs, "ValidationException"), name, region, insecureValue: inputs.insecureValue ?? "" },
      inputs.overwrite === true,
    );
    if (tagsAreLater && inputs.tags !== undefined) await api.look("ssm:AddTagsToResource");
  },

  async update(api, { changed, inputs, record }, apply) {
    const put = [...changed].filter((name) => !["tags", "overwrite"].includes(name));
    if (put.length > 0) {
      const asked = { ...record };
      assign(asked, parameterKind.properties, inputs, put);
      if (inputs.insecureValue !== undefined) asked.value = inputs.insecureValue;
      await putParameter(api, asked, true);
    }
    await apply(new Set([...changed].filter((name) => !put.includes(name))));
  },

  async delete(api) {
    await api.remove("ssm:DeleteParameter");
  },
};

async function putParameter(api: Api, asked: WorldRecord, overwrite: boolean): Promise<void> {
  await api.create("ssm:PutParameter", (state) => {
    const name = String(asked.name);
    const region = String(asked.region);
    refuseName(name);
    const former = state.records[api.type]?.[name];
    if (former !== undefined && !overwrite)
      throw new ApiError(
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
      );
    const value = String(asked.value ?? asked.insecureValue);
    const bytes = Buffer.byteLength(value);
    const tier = tierOf(asked.tier, bytes, former?.tier);
    refuseValue(value, bytes, tier, asked.allowedPattern);
    const record = {
      ...asked,
      arn: arnOf(state, "ssm", region, `parameter${name.startsWith("/") ? "" : "/"}${name}`),
      dataType: asked.dataType ?? "text",
      description: asked.description ?? "",
      hasValueWo: false,
      keyId: asked.type === "SecureString" ? (asked.keyId ?? "alias/aws/ssm") : "",
      tier,
      value,
      version: Number(former?.version ?? 0) + 1,
    };
    return { id: name, record };
  });
}

function tierOf(asked: unknown, bytes: number, former: unknown): string {
  if (asked === "Intelligent-Tiering") return bytes > LARGEST_STANDARD_BYTES || former === "Advanced" ? "Advanced" : "Standard";
  if (former === "Advanced" && asked === "Standard")
    throw new ApiError(
      "ValidationException",
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.",
    );
  return String(asked ?? former ?? "Standard");
}

function refuseName(name: string): void {
  if (/^\/?(aws|ssm)/i.test(name))
    throw new ApiError("ValidationException", 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || (name.includes("/") && !name.startsWith("/")) || name.endsWith("/") || name.includes("//"))
    throw new ApiError(
      "ValidationException",
      `Parameter name must be a fully qualified name. Only a mix of letters, numbers and the following symbols are allowed: . - _ / (got ${name})`,
    );
  if (name.length > LONGEST_FULL_NAME)
    throw new ApiError("ValidationException", `Parameter name is longer than ${LONGEST_FULL_NAME} characters`);
  if (name.split("/").length - 1 > MOST_LEVELS)
    throw new ApiError("HierarchyLevelLimitExceededException", `A parameter name can have a maximum of ${MOST_LEVELS} levels`);
}

function refuseValue(value: string, bytes: number, tier: string, pattern: unknown): void {
  if (value === "")
    throw new ApiError(
      "ValidationException",
      "Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  const [largest, words] = tier === "Advanced" ? [LARGEST_ADVANCED_BYTES, "Advanced"] : [LARGEST_STANDARD_BYTES, "Standard"];
  if (bytes > largest)
    throw new ApiError(
      "ValidationException",
      `${words} tier parameters support a maximum parameter value of ${largest} characters. This value has ${bytes}.`,
    );
  if (typeof pattern === "string" && pattern !== "" && !new RegExp(pattern).test(value))
    throw new ApiError("ParameterPatternMismatchException", `Parameter value, cannot be validated against allowedPattern: ${pattern}`);
}
