import { generateKeyPairSync, randomBytes } from "node:crypto";

/** Public keys of which nothing was known before, as lines of a `.pub` file. */
export const RANDOM_KEY: Readonly<Record<"ed25519" | "rsa-pem", () => string>> = {
  ed25519: () => {
    const { x } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
    return renderLine("ssh-ed25519", Buffer.from(x ?? "", "base64url"));
  },
  // A modulus of 3072 bits looks like any other bytes, and takes a second to find.
  "rsa-pem": () => {
    const modulus = randomBytes(384);
    modulus.writeUInt8(modulus.readUInt8(0) | 0x80, 0);
    modulus.writeUInt8(modulus.readUInt8(383) | 1, 383);
    return renderLine("ssh-rsa", Buffer.from([1, 0, 1]), Buffer.concat([Buffer.alloc(1), modulus]));
  },
};

/** RFC 4253, 6.6: the type and the numbers, each behind its length. */
function renderLine(type: string, ...numbers: readonly Buffer[]): string {
  const strings = [Buffer.from(type), ...numbers].flatMap((bytes) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return `${type} ${Buffer.concat(strings).toString("base64")}`;
}
