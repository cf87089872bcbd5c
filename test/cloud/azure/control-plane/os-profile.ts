import { createPublicKey } from "node:crypto";
import { ApiError } from "../../world/provider/api.ts";
import { object, objects, text } from "../../world/records.ts";
import type { WorldRecord } from "../../world/world.ts";

/** Both are given as base64, of at most 65,535 bytes. */
const LONGEST_DATA_CHARACTERS = 87_380;
const LONGEST_USER_NAME = 64;
const LONGEST_HOST_NAME = 64;
const FEWEST_RSA_BITS = 2048;

const FORBIDDEN_USERS = new Set(
  "administrator,admin,user,user1,test,user2,test1,user3,admin1,1,123,a,actuser,adm,admin2,aspnet,backup,console,david,guest,john,owner,root,server,sql,support,support_388945a0,sys,test2,test3,user4,user5".split(
    ",",
  ),
);

/** Refuses what Compute refuses of a new machine's operating system. */
export function refuseOsProfile(profile: WorldRecord | undefined, name: string): void {
  if (profile === undefined) refuse("Required parameter 'osProfile' is missing (null).");
  const host = text(profile, "computerName") ?? name;
  if (host.length > LONGEST_HOST_NAME || !/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/.test(host))
    refuse(
      `Linux host name cannot exceed ${LONGEST_HOST_NAME} characters in length or contain the following characters: \` ~ ! @ # $ % ^ & * ( ) = + _ [ ] { } \\ | ; : ' " , < > / ?.`,
    );
  const user = text(profile, "adminUsername");
  refuseUser(user);
  refuseData("Custom data in OSProfile", profile.customData);
  const linux = object(profile, "linuxConfiguration");
  const keys = objects(object(linux, "ssh"), "publicKeys");
  if (keys.length === 0 && text(profile, "adminPassword") === undefined)
    refuse("Authentication using either SSH or by user name and password must be enabled in Linux profile.");
  if (linux?.disablePasswordAuthentication === true && text(profile, "adminPassword") !== undefined)
    refuse("Parameter 'adminPassword' is not allowed.");
  for (const key of keys) refuseKey(key, String(user));
}

/** Refuses data of the user's that is not base64, or too much. */
export function refuseData(what: string, data: unknown): void {
  if (data === undefined) return;
  const encoded = String(data);
  if (encoded.length > LONGEST_DATA_CHARACTERS || Buffer.from(encoded, "base64").toString("base64") !== encoded)
    refuse(`${what} must be in Base64 encoding and with a maximum length of ${LONGEST_DATA_CHARACTERS} characters.`);
}

function refuseUser(user: string | undefined): asserts user is string {
  if (user === undefined) refuse("Required parameter 'osProfile.adminUsername' is missing (null).");
  if (user.length > LONGEST_USER_NAME) refuse(`The Admin Username must be between 1 and ${LONGEST_USER_NAME} characters long.`);
  if (FORBIDDEN_USERS.has(user.toLowerCase())) refuse("The Admin Username specified is not allowed.");
  if (!/^[a-z_][a-z0-9_-]*$/i.test(user)) refuse(`The Admin Username '${user}' holds characters that are not allowed, or begins with one.`);
}

function refuseKey({ path, keyData }: WorldRecord, user: string): void {
  const expected = `/home/${user}/.ssh/authorized_keys`;
  if (path !== expected)
    refuse(
      `Destination path for SSH public keys is currently limited to its default value ${expected} due to a known issue in Linux provisioning agent.`,
    );
  if (!isUsableKey(String(keyData))) refuse("The value of parameter linuxConfiguration.ssh.publicKeys.keyData is invalid.");
}

/** RSA of 2048 bits or more, or Ed25519; ECDSA and keys in hardware are not. */
function isUsableKey(line: string): boolean {
  const [type = "", blob = ""] = line.trim().split(/\s+/);
  const wire = Buffer.from(blob, "base64");
  const fields = wireFields(wire);
  if (fields[0]?.toString() !== type) return false;
  if (type === "ssh-ed25519") return fields.length === 2 && fields[1]?.length === 32;
  if (type !== "ssh-rsa") return false;
  const [, exponent, modulus] = fields;
  if (exponent === undefined || modulus === undefined) return false;
  const jwk = { kty: "RSA", e: unsigned(exponent).toString("base64url"), n: unsigned(modulus).toString("base64url") };
  return (createPublicKey({ key: jwk, format: "jwk" }).asymmetricKeyDetails?.modulusLength ?? 0) >= FEWEST_RSA_BITS;
}

function wireFields(wire: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at + 4 <= wire.length; ) {
    const end = at + 4 + wire.readUInt32BE(at);
    fields.push(wire.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function unsigned(number: Buffer): Buffer {
  return number[0] === 0 ? number.subarray(1) : number;
}

function refuse(message: string): never {
  throw new ApiError("InvalidParameter", message);
}
