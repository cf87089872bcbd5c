import type { ServiceAnswer, ServiceDialect, ServiceRequest } from "../../machine/https-service.ts";
import { recordsOf } from "../../world/records.ts";
import type { WorldState } from "../../world/world.ts";
import { seedsOf } from "../control-plane/seeds.ts";
import { TYPE } from "../control-plane/types.ts";
import type { AccessToken, AccessTokens } from "./access-tokens.ts";
import { crc32c } from "./crc32c.ts";

export const SECRET_MANAGER = "secretmanager.googleapis.com";

const ACCESS = /^\/v1\/projects\/([^/]+)\/secrets\/([^/]+)\/versions\/([^/:]+):access$/;
const PERMISSION = "secretmanager.versions.access";
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const MAY_ACCESS = ["roles/secretmanager.secretAccessor", "roles/secretmanager.admin", "roles/owner"];

const STATUS = {
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
} as const;

/** Answers and errors as Google's services give them. */
export const SECRET_MANAGER_DIALECT: ServiceDialect = {
  contentType: "application/json; charset=UTF-8",
  throttled: refusal("RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Access requests' and limit 'Access requests per minute'."),
  broken: (error) => refusal("INTERNAL", String(error)),
};

/** Answers a request to Secret Manager, of which instances make one: to access a version of a secret. */
export function answerSecretManager(state: WorldState, tokens: AccessTokens, { method, url, headers }: ServiceRequest): ServiceAnswer {
  const [, project, secretId, version] = ACCESS.exec(url.split("?")[0] ?? "") ?? [];
  if (headers.host !== SECRET_MANAGER || method !== "GET" || project === undefined || secretId === undefined || version === undefined)
    return refusal("NOT_FOUND", `The requested URL ${url} was not found on this server.`);
  const [, value] = /^Bearer (.+)$/.exec(headers.authorization ?? "") ?? [];
  if (value === undefined) return refusal("UNAUTHENTICATED", `Request is missing required authentication credential. ${EXPECTED}`);
  const token = tokens.find(value);
  if (token === undefined) return refusal("UNAUTHENTICATED", `Request had invalid authentication credentials. ${EXPECTED}`);
  if (!token.scopes.includes(SCOPE)) return refusal("PERMISSION_DENIED", "Request had insufficient authentication scopes.");
  const found = Object.entries(state.records[TYPE.secret] ?? {}).find(
    ([id]) => id === `projects/${project === seedsOf(state).projectNumber ? seedsOf(state).project : project}/secrets/${secretId}`,
  );
  if (found === undefined || !mayAccess(state, token, found[0]))
    return refusal(
      "PERMISSION_DENIED",
      `Permission '${PERMISSION}' denied for resource 'projects/${project}/secrets/${secretId}/versions/${version}' (or it may not exist).`,
    );
  return accessVersion(state, found[1], version);
}

const EXPECTED =
  "Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";

function mayAccess(state: WorldState, { email }: AccessToken, secretId: string): boolean {
  return recordsOf(state, TYPE.secretIamMember).some(
    ([, one]) => one.secretId === secretId && one.member === `serviceAccount:${email}` && MAY_ACCESS.includes(String(one.role)),
  );
}

function accessVersion(state: WorldState, secret: Readonly<Record<string, unknown>>, asked: string): ServiceAnswer {
  const last = Number(secret.lastVersion);
  const number = asked === "latest" ? last : Number(asked);
  const name = `${String(secret.name)}/versions/${number}`;
  if (last === 0) return refusal("NOT_FOUND", `Secret [${String(secret.name)}] not found or has no versions.`);
  if (!(number >= 1 && number <= last)) return refusal("NOT_FOUND", `Secret Version [${String(secret.name)}/versions/${asked}] not found.`);
  const version = state.records[TYPE.secretVersion]?.[name];
  if (version === undefined || version.enabled === false)
    return refusal("FAILED_PRECONDITION", `Secret Version [${name}] is in ${version === undefined ? "DESTROYED" : "DISABLED"} state.`);
  const data = Buffer.from(String(version.secretData), version.isSecretDataBase64 === true ? "base64" : "utf8");
  return { status: 200, body: { name, payload: { data: data.toString("base64"), dataCrc32c: String(crc32c(data)) } } };
}

function refusal(status: keyof typeof STATUS, message: string): ServiceAnswer {
  return { status: STATUS[status], body: { error: { code: STATUS[status], message, status } } };
}
