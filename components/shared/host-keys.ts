import * as pulumi from "@pulumi/pulumi";
import { type PublicKey, parsePublicKey } from "../core/public-key.ts";
import type { HostFile } from "../host/file-set.ts";
import { KeyAlgorithm, SshKeyPair } from "./ssh-key-pair.ts";

/** Each with its file name. ECDSA is there for Java clients that cannot read Ed25519. */
const HOST_KEYS = [
  { algorithm: KeyAlgorithm.Ed25519, role: "host-key-ed25519", file: "ssh_host_ed25519_key" },
  { algorithm: KeyAlgorithm.EcdsaP256, role: "host-key-ecdsa", file: "ssh_host_ecdsa_key" },
] as const;

/** Names of the host key files, in the order sshd offers them. */
export const HOST_KEY_FILES: readonly string[] = HOST_KEYS.map(({ file }) => file);

/** A bastion's host keys: made once, kept in state, the same after its machine has been replaced. */
export interface HostKeys {
  readonly publicKeys: pulumi.Output<readonly PublicKey[]>;
  /** Secret. The private keys by the names of their files. */
  readonly privateKeys: pulumi.Output<Record<string, string>>;
  /** Secret. The private keys as files of the bastion, below `folder`. */
  privateKeyFiles(folder: string): pulumi.Output<HostFile[]>;
}

/** Makes the host keys of the bastion `name`, as children of it. */
export function createHostKeys(name: string, parent: pulumi.Resource): HostKeys {
  const pairs = HOST_KEYS.map(({ algorithm, role, file }) => ({
    file,
    pair: new SshKeyPair(`${name}-${role}`, { algorithm, comment: `${name} host key` }, { parent }),
  }));
  const privateKeys = pulumi.secret(pulumi.all(Object.fromEntries(pairs.map(({ file, pair }) => [file, pair.privateKeyOpenSsh]))));
  return {
    publicKeys: pulumi.all(pairs.map(({ pair }) => pair.publicKey)).apply((keys) => keys.map(parsePublicKey)),
    privateKeys,
    privateKeyFiles: (folder) =>
      privateKeys.apply((keys) => Object.entries(keys).map(([file, content]) => ({ path: `${folder}/${file}`, mode: 0o600, content }))),
  };
}
