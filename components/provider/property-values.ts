/**
 * How the engine marks values on the wire to a provider (pulumi/pulumi, `sdk/nodejs/runtime/rpc.ts`): a secret is an
 * object with a signature, an unknown of a preview is a fixed text.
 */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN_VALUE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Properties of a resource as the engine sends them. */
export type Properties = Readonly<Record<string, unknown>>;

/** Marks a value as secret, so that the engine encrypts it in state and hides it on screens. */
export function secret(value: unknown): unknown {
  return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** Takes the marks of secrets off, at every depth. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Record<string, unknown>)[SIGNATURE_KEY] === SECRET_SIGNATURE) return withoutSecrets((value as { value: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}

/** Whether a preview does not know this value yet, or a part of it. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN_VALUE) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnknown);
}
