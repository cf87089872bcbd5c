import { createHash } from "node:crypto";
import { isSecret, type Properties, UNKNOWN_VALUE } from "../../plugin/values.ts";
import { type Conventions, logicalName } from "../../world/provider/conventions.ts";
import { isAbsent, type PropertySchema, type PropertyType } from "../../world/provider/property.ts";
import type { WorldRecord } from "../../world/world.ts";
import { checkInputs } from "./check-inputs.ts";
import { foundInputs } from "./found-inputs.ts";
import { inputDifferences, isParts } from "./input-differences.ts";

const RANDOM_CHARACTERS = 8;
/** How azure-native remembers that a name was its choice, so that another one can be there beside it. */
const RANDOMLY_NAMED = "__createBeforeDelete";
/** Outputs that no change in place touches. */
const STABLE = ["name", "location"];

/** What azure-native does as no bridged provider does: it compares inputs with inputs, and never with the resource. */
export const azureNativeConventions: Conventions = {
  checkInputs,

  chooseName({ autoName }, { urn, formerInputs, given, seed }) {
    if (autoName === undefined || !isAbsent(given[autoName.property])) return { inputs: {}, problems: [] };
    const { property, isCopied } = autoName;
    if (!isAbsent(formerInputs[property]))
      return {
        inputs: {
          [property]: formerInputs[property],
          ...(formerInputs[RANDOMLY_NAMED] === true ? { [RANDOMLY_NAMED]: true } : {}),
        },
        problems: [],
      };
    if (isCopied) return { inputs: { [property]: logicalName(urn) }, problems: [] };
    const random = createHash("sha256").update(seed).digest("hex").slice(0, RANDOM_CHARACTERS);
    return { inputs: { [property]: logicalName(urn) + random, [RANDOMLY_NAMED]: true }, problems: [] };
  },

  differences: (schema, { inputs }, asked) => inputDifferences(schema, inputs, asked),

  namesParts: true,

  deletesFirst: (_kind, { inputs }) => inputs[RANDOMLY_NAMED] !== true,

  previewOfCreate: ({ properties, outputs }, asked) => ({
    ...Object.fromEntries(outputs.map((name) => [name, UNKNOWN_VALUE])),
    ...previewed(properties, asked),
  }),

  previewOfUpdate(kind, state, asked) {
    const stable = STABLE.flatMap((name) => (isAbsent(state[name]) ? [] : [[name, state[name]]]));
    return { ...this.previewOfCreate(kind, asked), ...Object.fromEntries(stable) };
  },

  inputsOf: (schema, { inputs, state }, found) => foundInputs(schema, inputs, state, found),

  stateOf: ({ writeOnly = [] }, record) => writeOnly.reduce<WorldRecord>((left, path) => without(left, path.split(".")), record),
};

/** Inputs as outputs of a preview: what is not said at any depth is for Azure to choose, and not known. */
function previewed(schema: PropertySchema, asked: Properties): Properties {
  const preview = (type: PropertyType, value: unknown): unknown => {
    if (isSecret(value)) return value;
    if (typeof type === "object" && "object" in type && isParts(value)) return previewed(type.object, value);
    if (typeof type === "object" && "list" in type && Array.isArray(value)) return value.map((item) => preview(type.list, item));
    return value;
  };
  return Object.fromEntries(
    Object.entries(schema).map(([name, { type }]) => [name, isAbsent(asked[name]) ? UNKNOWN_VALUE : preview(type, asked[name])]),
  );
}

function without(record: WorldRecord, [name = "", ...rest]: readonly string[]): WorldRecord {
  const { [name]: value, ...others } = record;
  return rest.length > 0 && isParts(value) ? { ...record, [name]: without({ ...value }, rest) } : others;
}
