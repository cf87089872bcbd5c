import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { CredentialStore, TemporaryCredentials } from "./credentials.ts";
import { ServiceError } from "./service-error.ts";

const LONGEST_SKEW_MS = 5 * 60_000;
const ALGORITHM = "AWS4-HMAC-SHA256";

/** A request as it arrived. */
export interface SignedRequest {
  readonly method: string;
  /** With the query, as on the first line. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Finds out who signed a request (Signature Version 4), or refuses it as AWS's services do. */
export function verifySignature(
  request: SignedRequest,
  { region, service }: { readonly region: string; readonly service: string },
  store: CredentialStore,
  now: number,
): TemporaryCredentials {
  const { keyId, date, scope, signedHeaders, signature } = parseAuthorization(request.headers);
  const credentials = store.find(keyId);
  if (credentials === undefined || request.headers["x-amz-security-token"] !== credentials.token)
    throw new ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.");
  if (credentials.expiresAt <= now)
    throw new ServiceError("ExpiredTokenException", "The security token included in the request is expired");
  if (scope !== `${date}/${region}/${service}/aws4_request`)
    throw invalid(`Credential should be scoped to a valid region and to the service ${service}.`);
  const stamp = single(request.headers, "x-amz-date");
  if (!stamp.startsWith(date)) throw invalid("Date in Credential scope does not match the date of the request.");
  checkTime(stamp, now);
  for (const required of ["host", "x-amz-date", "x-amz-security-token"])
    if (!signedHeaders.includes(required)) throw invalid(`'${required}' must be a 'SignedHeader' in the AWS Authorization.`);

  const text = [ALGORITHM, stamp, scope, hash(canonicalRequest(request, signedHeaders))].join("\n");
  const key = scope.split("/").reduce((parent: Buffer | string, part) => hmac(parent, part), `AWS4${credentials.secret}`);
  const expected = hmac(key, text);
  const given = Buffer.from(signature, "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw invalid("The request signature we calculated does not match the signature you provided.");
  return credentials;
}

interface Authorization {
  readonly keyId: string;
  readonly date: string;
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

function parseAuthorization(headers: IncomingHttpHeaders): Authorization {
  const { authorization } = headers;
  if (authorization === undefined) throw new ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token");
  const parts = /^AWS4-HMAC-SHA256\s+Credential=([^/]+)\/((\d{8})\/[^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)$/.exec(
    authorization,
  );
  if (parts === null) throw new ServiceError("IncompleteSignatureException", "Authorization header is not complete.");
  const [, keyId = "", scope = "", date = "", signedHeaders = "", signature = ""] = parts;
  return { keyId, date, scope, signedHeaders: signedHeaders.split(";"), signature };
}

function checkTime(stamp: string, now: number): void {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp);
  if (parts === null) throw new ServiceError("IncompleteSignatureException", "Date must be in ISO-8601 'basic format'.");
  const [, year, month, day, hour, minute, second] = parts.map(Number) as [number, number, number, number, number, number, number];
  const skew = Date.UTC(year, month - 1, day, hour, minute, second) - now;
  if (skew < -LONGEST_SKEW_MS)
    throw invalid(`Signature expired: ${stamp} is now earlier than ${basic(now - LONGEST_SKEW_MS)} (${basic(now)} - 5 min.)`);
  if (skew > LONGEST_SKEW_MS)
    throw invalid(`Signature not yet current: ${stamp} is still later than ${basic(now + LONGEST_SKEW_MS)} (${basic(now)} + 5 min.)`);
}

/** The path is taken as it was sent: no service asked here has one that would have to be normalised. */
function canonicalRequest({ method, url, headers, body }: SignedRequest, signedHeaders: readonly string[]): string {
  const [path = "/", query = ""] = url.split("?");
  const lines = signedHeaders.map((name) => `${name}:${single(headers, name).trim().replace(/ +/g, " ")}\n`);
  return [method, path, query.split("&").sort().join("&"), lines.join(""), signedHeaders.join(";"), hash(body)].join("\n");
}

function single(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  if (typeof value !== "string") throw invalid(`The header ${name} is signed, and was not sent once.`);
  return value;
}

function basic(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");
}

function hash(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

function invalid(message: string): ServiceError {
  return new ServiceError("InvalidSignatureException", message);
}
