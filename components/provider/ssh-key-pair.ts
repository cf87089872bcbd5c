import { generateKeyPairSync, type KeyObject, randomBytes, randomInt } from "node:crypto";
import { type PrivateKeyNumbers, publicKeyOf, renderOpenSshPrivateKey } from "../core/private-key.ts";
import { MINIMUM_RSA_BITS, renderPublicKey } from "../core/public-key.ts";
import { type Properties, secret } from "./property-values.ts";
import type { ResourceKind } from "./resource-kind.ts";

const GENERATORS: Readonly<Record<string, () => KeyObject>> = {
  ed25519: () => generateKeyPairSync("ed25519").privateKey,
  "ecdsa-p256": () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
  "rsa-3072": () => generateKeyPairSync("rsa", { modulusLength: MINIMUM_RSA_BITS }).privateKey,
};

/** A key pair that is made once and lives in state, its private half as a secret. */
export const sshKeyPairKind: ResourceKind = {
  check(inputs) {
    const algorithm = inputs.algorithm;
    const isKnown = typeof algorithm === "string" && Object.hasOwn(GENERATORS, algorithm);
    const reason = `got ${JSON.stringify(algorithm)}; allowed is ${Object.keys(GENERATORS).join(", ")}`;
    return { inputs, problems: isKnown ? [] : [{ path: "algorithm", reason }] };
  },

  diff(state, inputs) {
    const replaces = state.algorithm === inputs.algorithm ? [] : ["algorithm"];
    return { changed: replaces.length > 0, replaces };
  },

  async create(inputs) {
    const generate = GENERATORS[inputs.algorithm as string];
    if (generate === undefined) throw new TypeError(`no generator for ${inputs.algorithm}`);
    return { id: randomBytes(8).toString("hex"), state: describe(inputs, generate()) };
  },
};

function describe(inputs: Properties, privateKey: KeyObject): Properties {
  const numbers = privateKey.export({ format: "jwk" }) as PrivateKeyNumbers;
  const publicKey = publicKeyOf(numbers);
  const comment = typeof inputs.comment === "string" ? inputs.comment : "";
  return {
    ...inputs,
    publicKey: renderPublicKey(publicKey),
    fingerprint: publicKey.fingerprint,
    privateKeyOpenSsh: secret(renderOpenSshPrivateKey(numbers, comment, randomInt(2 ** 32))),
    privateKeyPem: secret(numbers.kty === "RSA" ? privateKey.export({ type: "pkcs1", format: "pem" }) : ""),
  };
}
