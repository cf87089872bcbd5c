import { isSameId } from "../control-plane/arm-id.ts";
import type { AccessTokens } from "./access-tokens.ts";
import type { ManagedIdentity } from "./declared-machine.ts";
import type { MetadataAnswer } from "./metadata-answer.ts";

/** Answers a machine that asks for a token of one of its identities. */
export function answerTokenRequest(identities: readonly ManagedIdentity[], asked: URLSearchParams, tokens: AccessTokens): MetadataAnswer {
  const resource = asked.get("resource");
  if (resource === null || resource === "") return refusal("Required query variable 'resource' is missing");
  const named = NAMES.flatMap(([name, property]) => (asked.has(name) ? [{ property, value: asked.get(name) ?? "" }] : []));
  if (named.length > 1) return refusal("Only one of client_id, object_id and msi_res_id may be given");
  const [only] = named;
  const found = only === undefined ? identities : identities.filter((identity) => isSameId(identity[only.property], only.value));
  if (found.length > 1)
    return refusal(
      "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request",
    );
  const [identity] = found;
  if (identity === undefined) return refusal("Identity not found");
  const { value, issuedAt, expiresAt } = tokens.issue(identity, resource);
  const lifetime = String(Math.floor((expiresAt - Date.now()) / 1000));
  return {
    status: 200,
    body: {
      access_token: value,
      client_id: identity.clientId,
      expires_in: lifetime,
      expires_on: String(Math.floor(expiresAt / 1000)),
      ext_expires_in: lifetime,
      not_before: String(Math.floor(issuedAt / 1000)),
      resource,
      token_type: "Bearer",
    },
  };
}

/** How an identity is named in a request. */
const NAMES: readonly (readonly [string, keyof ManagedIdentity])[] = [
  ["client_id", "clientId"],
  ["object_id", "principalId"],
  ["msi_res_id", "resourceId"],
  ["mi_res_id", "resourceId"],
];

function refusal(description: string): MetadataAnswer {
  return { status: 400, body: { error: "invalid_request", error_description: description } };
}
