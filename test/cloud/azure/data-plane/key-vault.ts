import type { ServiceAnswer, ServiceDialect, ServiceRequest } from "../../machine/https-service.ts";
import { object, objects, recordsOf, text, texts } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { TYPE } from "../control-plane/types.ts";
import type { AccessToken, AccessTokens } from "./access-tokens.ts";
import { recordOf } from "./arm-reference.ts";

/** Every vault has a name of its own below this one. */
export const VAULT_DOMAIN = "vault.azure.net";

const AUDIENCE = `https://${VAULT_DOMAIN}`;
const VERSIONS = ["7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6"];
const SECRET = /^\/secrets\/([0-9A-Za-z-]+)\/?([0-9a-f]{32})?$/;

/** Answers and errors as Key Vault gives them. */
export const KEY_VAULT_DIALECT: ServiceDialect = {
  contentType: "application/json; charset=utf-8",
  throttled: refusal(
    429,
    "Throttled",
    "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached",
  ),
  broken: (error) => refusal(500, "InternalServerError", String(error)),
};

/** Names of the vaults there are, as they are reached. */
export function vaultHosts(state: WorldState): string[] {
  return recordsOf(state, TYPE.vault).map(([, { name }]) => `${String(name).toLowerCase()}.${VAULT_DOMAIN}`);
}

/** Answers a request to a vault, of which machines make one: to read a secret. */
export function answerKeyVault(state: WorldState, tokens: AccessTokens, { method, url, headers }: ServiceRequest): ServiceAnswer {
  const vault = recordsOf(state, TYPE.vault).find(([, { name }]) => `${String(name).toLowerCase()}.${VAULT_DOMAIN}` === headers.host);
  const { pathname, searchParams } = new URL(url, AUDIENCE);
  const [, name, version] = SECRET.exec(pathname) ?? [];
  if (vault === undefined || method !== "GET" || name === undefined)
    return refusal(404, "NotFound", `There is nothing at ${String(headers.host)}${pathname}`);
  const api = searchParams.get("api-version");
  if (api === null) return refusal(400, "BadParameter", "api-version must be specified");
  if (!VERSIONS.includes(api))
    return refusal(
      400,
      "BadParameter",
      `The specified version (${api}) is not recognized. Consider using the latest supported version (${VERSIONS.at(-1)}).`,
    );
  const [vaultId, record] = vault;
  const token = authenticate(tokens, headers.authorization);
  if (typeof token === "string") return unauthorized(token, record);
  const denial = denialOf(record, token);
  return denial ?? readSecret(state, vaultId, name, version);
}

/** The token of a request, or why it is none. */
function authenticate(tokens: AccessTokens, authorization = ""): AccessToken | string {
  const [, value] = /^Bearer (.+)$/i.exec(authorization) ?? [];
  if (value === undefined) return "AKV10000: Request is missing a Bearer or PoP token.";
  const token = tokens.find(value);
  if (token === undefined) return "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.";
  if (token.expiresAt <= Date.now()) return "[TokenExpired] Error validating token: 'S2S12086'.";
  if (token.resource.replace(/\/$/, "") !== AUDIENCE) return `AKV10022: Invalid audience. Expected ${AUDIENCE}, found: ${token.resource}.`;
  return token;
}

function unauthorized(reason: string, vault: WorldRecord): ServiceAnswer {
  const tenant = text(object(vault, "properties"), "tenantId") ?? "";
  const challenge = `Bearer authorization="https://login.microsoftonline.com/${tenant}", resource="${AUDIENCE}"`;
  return { ...refusal(401, "Unauthorized", reason), headers: { "www-authenticate": challenge } };
}

/** Why the holder of a token may not read, or `undefined` where it may. */
function denialOf(vault: WorldRecord, { clientId, principalId }: AccessToken): ServiceAnswer | undefined {
  const properties = object(vault, "properties");
  if (properties?.enableRbacAuthorization === true)
    return refusal(
      403,
      "Forbidden",
      "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
      "ForbiddenByRbac",
    );
  const may = objects(properties, "accessPolicies").some(
    (policy) =>
      policy.objectId === principalId &&
      texts(object(policy, "permissions"), "secrets").some((right) => ["get", "all"].includes(right.toLowerCase())),
  );
  if (may) return undefined;
  const caller = `appid=${clientId};oid=${principalId};iss=https://sts.windows.net/${text(properties, "tenantId") ?? ""}/`;
  return refusal(
    403,
    "Forbidden",
    `The user, group or application '${caller}' does not have secrets get permission on key vault '${String(vault.name)};location=${String(vault.location)}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
    "AccessDenied",
  );
}

function readSecret(state: WorldState, vaultId: string, name: string, version: string | undefined): ServiceAnswer {
  const record = recordOf(state, TYPE.secret, `${vaultId}/secrets/${name}`);
  const properties = object(record, "properties");
  const current = text(properties, "secretUriWithVersion") ?? `https://${vaultId.split("/").at(-1)}.${VAULT_DOMAIN}/secrets/${name}`;
  if (properties === undefined || (version !== undefined && !current.endsWith(`/${version}`)))
    return refusal(
      404,
      "SecretNotFound",
      `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
    );
  const attributes = object(properties, "attributes");
  if (attributes?.enabled === false)
    return refusal(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");
  const contentType = text(properties, "contentType");
  return {
    status: 200,
    body: {
      value: String(properties.value),
      ...(contentType === undefined ? {} : { contentType }),
      id: current,
      attributes: { enabled: true, recoveryLevel: "CustomizedRecoverable+Purgeable", recoverableDays: 7 },
    },
  };
}

function refusal(status: number, code: string, message: string, inner?: string): ServiceAnswer {
  return { status, body: { error: { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) } } };
}
