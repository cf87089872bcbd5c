import { createHash } from "node:crypto";
import { isSecret, type Properties, secret, UNKNOWN_VALUE, withoutSecrets } from "../../plugin/values.ts";
import { type Conventions, type KindShape, logicalName, type NamingRequest, topLevel } from "./conventions.ts";
import { differences } from "./difference.ts";
import { checkProperties, isAbsent, type PropertySchema } from "./property.ts";

const RANDOM_CHARACTERS = 7;

/** Providers that are made from one of Terraform's: they compare what is asked for with what is there. */
export const bridgeConventions: Conventions = {
  checkInputs: checkProperties,

  chooseName(kind, request) {
    if (!isNamedByProvider(kind, request.given)) return { inputs: {}, problems: [] };
    const { property, longest = Number.POSITIVE_INFINITY } = kind.autoName;
    const prefix = `${logicalName(request.urn)}-`;
    // A logical name that leaves no room for the random characters is not cut, but refused.
    const reason = `name '${prefix}' plus ${RANDOM_CHARACTERS} random chars is longer than maximum length ${longest}`;
    return {
      inputs: { [property]: chosenName(property, prefix, request), __defaults: [property] },
      problems: prefix.length + RANDOM_CHARACTERS <= longest ? [] : [{ property, reason }],
    };
  },

  differences: (schema, { state }, asked) => differences(schema, state, asked),

  namesParts: false,

  deletesFirst(kind, { state }, asked) {
    const name = kind.autoName?.property;
    if (name === undefined || isAbsent(asked[name])) return false;
    return state[name] === asked[name] && !(Array.isArray(asked.__defaults) && asked.__defaults.includes(name));
  },

  previewOfCreate: ({ outputs, properties }, asked) => ({ ...unknowns([...outputs, ...computed(properties)]), ...asked }),

  previewOfUpdate: (kind, state, asked, changed) => ({ ...state, ...unknowns(kind.recomputes?.(changed) ?? []), ...asked }),

  inputsOf(schema, { inputs }, found) {
    const known = Object.keys(schema).filter((name) => found[name] !== undefined);
    // Nothing was asked of a resource that is being imported: all that there is becomes its inputs.
    if (Object.keys(inputs).length === 0) return Object.fromEntries(known.map((name) => [name, found[name]]));
    const differing = topLevel(differences(schema, found, withoutSecrets(inputs) as Properties));
    const changed = [...differing].filter((name) => known.includes(name) && !isAbsent(inputs[name]));
    return {
      ...inputs,
      ...Object.fromEntries(changed.map((name) => [name, isSecret(inputs[name]) ? secret(found[name]) : found[name]])),
    };
  },

  stateOf: (_kind, record) => record,
};

function chosenName(property: string, prefix: string, { formerInputs, seed }: NamingRequest): unknown {
  const wasChosen = Array.isArray(formerInputs.__defaults) && formerInputs.__defaults.includes(property);
  return wasChosen ? formerInputs[property] : prefix + createHash("sha256").update(seed).digest("hex").slice(0, RANDOM_CHARACTERS);
}

type NamedKind = KindShape & { readonly autoName: NonNullable<KindShape["autoName"]> };

function isNamedByProvider(kind: KindShape, given: Properties): kind is NamedKind {
  if (kind.autoName === undefined) return false;
  const { property, unlessGiven } = kind.autoName;
  return isAbsent(given[property]) && (unlessGiven === undefined || isAbsent(given[unlessGiven]));
}

function computed(schema: PropertySchema): string[] {
  return Object.keys(schema).filter((name) => schema[name]?.computed);
}

function unknowns(names: readonly string[]): Properties {
  return Object.fromEntries(names.map((name) => [name, UNKNOWN_VALUE]));
}
