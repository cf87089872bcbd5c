import * as pulumi from "@pulumi/pulumi";
import type { Bastion, Peer } from "../core/bastion.ts";
import { GeneratedKeyKind } from "../core/bastion-spec.ts";
import type { GeneratedPublicKeys } from "../core/key-set.ts";
import { parsePublicKey } from "../core/public-key.ts";
import { KeyAlgorithm, SshKeyPair } from "./ssh-key-pair.ts";

const ALGORITHMS: Readonly<Record<GeneratedKeyKind, KeyAlgorithm>> = {
  [GeneratedKeyKind.Ed25519]: KeyAlgorithm.Ed25519,
  [GeneratedKeyKind.RsaPem]: KeyAlgorithm.Rsa3072,
};

/** Key pairs made for the clients and consumers that have none of their own. */
export interface GeneratedKeys {
  readonly publicKeys: pulumi.Output<GeneratedPublicKeys>;
  /** Secret. Private keys by the name of their client, in the form that was asked for. */
  readonly clientPrivateKeys: pulumi.Output<Record<string, string>>;
  /** Secret. Private keys by the name of their consumer, in the form that was asked for. */
  readonly consumerPrivateKeys: pulumi.Output<Record<string, string>>;
}

/** Makes the key pairs that a bastion's clients and consumers ask for, as children of it. */
export function createGeneratedKeys(name: string, bastion: Bastion, parent: pulumi.Resource): GeneratedKeys {
  const clients = createPairs(`${name}-client`, bastion.clients, parent);
  const consumers = createPairs(`${name}-consumer`, bastion.consumers, parent);
  return {
    publicKeys: pulumi.output({ clients: publicKeysOf(clients), consumers: publicKeysOf(consumers) }),
    clientPrivateKeys: privateKeysOf(clients),
    consumerPrivateKeys: privateKeysOf(consumers),
  };
}

interface NamedPair {
  readonly name: string;
  readonly kind: GeneratedKeyKind;
  readonly pair: SshKeyPair;
}

function createPairs(prefix: string, peers: readonly Peer[], parent: pulumi.Resource): NamedPair[] {
  return peers.flatMap(({ name, generateKey: kind }) =>
    kind === undefined
      ? []
      : [{ name, kind, pair: new SshKeyPair(`${prefix}-${name}-key`, { algorithm: ALGORITHMS[kind], comment: name }, { parent }) }],
  );
}

function publicKeysOf(pairs: readonly NamedPair[]) {
  return Object.fromEntries(pairs.map(({ name, pair }) => [name, pair.publicKey.apply(parsePublicKey)]));
}

function privateKeysOf(pairs: readonly NamedPair[]): pulumi.Output<Record<string, string>> {
  const entries = pairs.map(
    ({ name, kind, pair }) => [name, kind === GeneratedKeyKind.RsaPem ? pair.privateKeyPem : pair.privateKeyOpenSsh] as const,
  );
  return pulumi.secret(pulumi.output(Object.fromEntries(entries)));
}
