import { hasUnknown, type Properties, secret, withoutSecrets } from "../../../components/provider/property-values.ts";

export { hasUnknown, type Properties, secret, withoutSecrets };

/** How the engine's protocol writes a value that a preview does not know (pulumi/pulumi, `sdk/nodejs/runtime/rpc.ts`). */
export const UNKNOWN_VALUE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value, or a part of it, is marked secret. */
export function isSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.keys(value).join() === Object.keys(secret(null) as object).join() || Object.values(value).some(isSecret);
}
