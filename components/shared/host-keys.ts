import * as pulumi from "@pulumi/pulumi";
import type { Bastion } from "../core/bastion.ts";
import { DEFAULTS } from "../core/defaults.ts";
import { type PublicKey, parsePublicKey } from "../core/public-key.ts";
import type { HostFile } from "../host/file-set.ts";
import { renderManifest } from "../host/mailbox-document.ts";
import { KeyAlgorithm, SshKeyPair } from "./ssh-key-pair.ts";

/** Each with the name of its pair, and its files. ECDSA is there for Java clients that cannot read Ed25519. */
const HOST_KEYS = [
  { algorithm: KeyAlgorithm.Ed25519, role: "host-key-ed25519", file: "ssh_host_ed25519_key", nextFile: "ssh_host_ed25519_next_key" },
  { algorithm: KeyAlgorithm.EcdsaP256, role: "host-key-ecdsa", file: "ssh_host_ecdsa_key", nextFile: "ssh_host_ecdsa_next_key" },
] as const;

/** A bastion's host keys: made once, kept in state, the same after its machine has been replaced. */
export interface HostKeys {
  readonly publicKeys: pulumi.Output<readonly PublicKey[]>;
  /** Those of the next generation, while they are announced. */
  readonly announcedPublicKeys: pulumi.Output<readonly PublicKey[]>;
  /** Secret. The private keys by the names of their files. */
  readonly privateKeys: pulumi.Output<Record<string, string>>;
  /** Secret. All of them as one text, for a cloud's store. */
  readonly document: pulumi.Output<string>;
  /** What tells a host which text it has to find there. Not secret: a digest of new keys says nothing of them. */
  readonly manifest: pulumi.Output<string>;
  /** Secret. The private keys as files of the bastion, below `folder`. */
  privateKeyFiles(folder: string): pulumi.Output<HostFile[]>;
}

/**
 * Makes the host keys of the bastion `name`, as children of it. A generation is the same pair of resources while it is
 * announced and when it is in use, so that what clients have learned is what they meet.
 */
export function createHostKeys(
  name: string,
  { hostKeyGeneration, announceNextHostKeys }: Pick<Bastion, "hostKeyGeneration" | "announceNextHostKeys">,
  parent: pulumi.Resource,
): HostKeys {
  const present = createGeneration(name, hostKeyGeneration, parent);
  const next = announceNextHostKeys ? createGeneration(name, hostKeyGeneration + 1, parent) : [];
  const files = [...present.map(({ file, pair }) => [file, pair] as const), ...next.map(({ nextFile, pair }) => [nextFile, pair] as const)];
  const privateKeys = pulumi.secret(pulumi.all(Object.fromEntries(files.map(([file, pair]) => [file, pair.privateKeyOpenSsh]))));
  const document = pulumi.jsonStringify(privateKeys);
  return {
    publicKeys: publicKeysOf(present),
    announcedPublicKeys: publicKeysOf(next),
    privateKeys,
    document,
    manifest: pulumi.unsecret(document.apply((text) => renderManifest(text, 1))),
    privateKeyFiles: (folder) =>
      privateKeys.apply((keys) => Object.entries(keys).map(([file, content]) => ({ path: `${folder}/${file}`, mode: 0o600, content }))),
  };
}

function createGeneration(name: string, generation: number, parent: pulumi.Resource) {
  const suffix = generation === DEFAULTS.hostKeyGeneration ? "" : `-${generation}`;
  return HOST_KEYS.map(({ algorithm, role, ...files }) => ({
    ...files,
    pair: new SshKeyPair(`${name}-${role}${suffix}`, { algorithm, comment: `${name} host key` }, { parent }),
  }));
}

function publicKeysOf(pairs: readonly { readonly pair: SshKeyPair }[]): pulumi.Output<readonly PublicKey[]> {
  return pulumi.all(pairs.map(({ pair }) => pair.publicKey)).apply((keys) => keys.map(parsePublicKey));
}
