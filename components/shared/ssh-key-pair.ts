import * as pulumi from "@pulumi/pulumi";

/** Algorithms a key pair can be made for. */
export const KeyAlgorithm = {
  Ed25519: "ed25519",
  EcdsaP256: "ecdsa-p256",
  Rsa3072: "rsa-3072",
} as const;
export type KeyAlgorithm = (typeof KeyAlgorithm)[keyof typeof KeyAlgorithm];

export interface SshKeyPairArgs {
  /** Changing it makes another key pair. */
  readonly algorithm: KeyAlgorithm;
  /** Comment of the private key file. */
  readonly comment: string;
}

/** A key pair that is made once and lives in state, its private half as a secret. */
export class SshKeyPair extends pulumi.CustomResource {
  /** As in a `.pub` file, without a comment. */
  declare readonly publicKey: pulumi.Output<string>;
  /** `SHA256:…` */
  declare readonly fingerprint: pulumi.Output<string>;
  /** Secret. `-----BEGIN OPENSSH PRIVATE KEY-----` */
  declare readonly privateKeyOpenSsh: pulumi.Output<string>;
  /** Secret. `-----BEGIN RSA PRIVATE KEY-----` for RSA, empty for the others. */
  declare readonly privateKeyPem: pulumi.Output<string>;

  constructor(name: string, args: SshKeyPairArgs, opts?: pulumi.CustomResourceOptions) {
    const computed = { publicKey: undefined, fingerprint: undefined, privateKeyOpenSsh: undefined, privateKeyPem: undefined };
    super(
      "reverse-bastion:index:SshKeyPair",
      name,
      { ...args, ...computed },
      { ...opts, additionalSecretOutputs: ["privateKeyOpenSsh", "privateKeyPem"] },
    );
  }
}
