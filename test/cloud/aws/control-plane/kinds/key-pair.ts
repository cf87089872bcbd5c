import { createHash } from "node:crypto";
import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { type AwsContext, arnOf, newId, regionOf } from "../account.ts";
import { tagOnCreate, tagsOf, tagsProperty } from "../tags.ts";

const LONGEST_NAME = 255;
const RSA_BITS = [1024, 2048, 4096];

/** An imported public key, for EC2's own login user. */
export const keyPairKind: ResourceKind<AwsContext> = {
  properties: {
    ...tagsProperty("ec2"),
    keyName: {
      type: "string",
      computed: true,
      replaces: true,
      check: (name: string) =>
        name.length > LONGEST_NAME ? `expected length of keyName to be in the range (1 - ${LONGEST_NAME}), got ${name.length}` : undefined,
    },
    keyNamePrefix: { type: "string", replaces: true },
    publicKey: { type: "string", required: true, replaces: true, same: (actual, asked) => String(actual).trim() === String(asked).trim() },
    region: { type: "string", computed: true, replaces: true },
  },
  outputs: ["arn", "fingerprint", "keyPairId", "keyType"],
  autoName: { property: "keyName", unlessGiven: "keyNamePrefix", longest: LONGEST_NAME },
  reads: ["ec2:DescribeKeyPairs"],

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    await tagOnCreate(api, inputs);
    await api.create("ec2:ImportKeyPair", (state) => {
      const keyPairId = newId("key");
      const keyName = String(inputs.keyName ?? `${String(inputs.keyNamePrefix)}${keyPairId.slice(4)}`);
      if (state.records[api.type]?.[keyName] !== undefined)
        throw new ApiError("InvalidKeyPair.Duplicate", `The keypair already exists: ${keyName}`);
      const { keyType, fingerprint } = readKey(String(inputs.publicKey));
      const record = {
        ...inputs,
        ...tagsOf(inputs),
        arn: arnOf(state, "ec2", region, `key-pair/${keyName}`),
        fingerprint,
        keyName,
        keyPairId,
        keyType,
        region,
      };
      return { id: keyName, record };
    });
  },

  async delete(api) {
    await api.remove("ec2:DeleteKeyPair");
  },
};

/** EC2 imports keys of two types, RSA keys of three lengths only. */
function readKey(line: string): { keyType: string; fingerprint: string } {
  const [type, encoded = ""] = line.trim().split(/\s+/);
  const blob = Buffer.from(encoded, "base64");
  const [named, , modulus] = fieldsOf(blob);
  if (named?.toString() === type && type === "ssh-ed25519")
    return { keyType: "ed25519", fingerprint: createHash("sha256").update(blob).digest("base64") };
  // A byte of zeros stands before the modulus, whose highest bit is set.
  if (named?.toString() === type && type === "ssh-rsa" && modulus !== undefined && RSA_BITS.includes((modulus.length - 1) * 8))
    return { keyType: "rsa", fingerprint: createHash("md5").update(blob).digest("hex").match(/../g)?.join(":") ?? "" };
  throw new ApiError("InvalidKey.Format", "Key is not in valid OpenSSH public key format");
}

/** The fields of a key, each of which has its length before it (RFC 4251, section 5). */
function fieldsOf(blob: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length; ) {
    const end = at + 4 + blob.readUInt32BE(at);
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
