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

/** Key pairs made for the clients, consumers and operators that have none of their own. Private keys are those of the present generation. */
export interface GeneratedKeys {
  readonly publicKeys: pulumi.Output<GeneratedPublicKeys>;
  /** Secret. Private keys by the name of their client, in the form that was asked for. */
  readonly clientPrivateKeys: pulumi.Output<Record<string, string>>;
  /** Secret. Private keys by the name of their consumer, in the form that was asked for. */
  readonly consumerPrivateKeys: pulumi.Output<Record<string, string>>;
  /** Secret. Private keys by the name of their operator, in the form that was asked for. */
  readonly operatorPrivateKeys: pulumi.Output<Record<string, string>>;
}

/** Makes the key pairs that a bastion's clients, consumers and operators ask for, as children of it. */
export function createGeneratedKeys(name: string, bastion: Bastion, parent: pulumi.Resource): GeneratedKeys {
  const clients = createPairs(`${name}-client`, bastion.clients, parent);
  const consumers = createPairs(`${name}-consumer`, bastion.consumers, parent);
  const operators = createPairs(`${name}-operator`, bastion.operators, parent);
  return {
    publicKeys: pulumi.output({ clients: publicKeysOf(clients), consumers: publicKeysOf(consumers), operators: publicKeysOf(operators) }),
    clientPrivateKeys: privateKeysOf(clients),
    consumerPrivateKeys: privateKeysOf(consumers),
    operatorPrivateKeys: privateKeysOf(operators),
  };
}

interface NamedPairs {
  readonly name: string;
  readonly kind: GeneratedKeyKind;
  /** The present generation first. */
  readonly pairs: readonly SshKeyPair[];
}

function createPairs(prefix: string, peers: readonly Peer[], parent: pulumi.Resource): NamedPairs[] {
  return peers.flatMap(({ name, generateKey: kind, keyGenerations }) => {
    if (kind === undefined) return [];
    const pairOf = (generation: number) =>
      new SshKeyPair(pairName(`${prefix}-${name}-key`, generation), { algorithm: ALGORITHMS[kind], comment: name }, { parent });
    return [{ name, kind, pairs: keyGenerations.map(pairOf) }];
  });
}

/** The first generation is called as if there were no others: most never have a second. */
function pairName(name: string, generation: number): string {
  return generation === 1 ? name : `${name}-${generation}`;
}

function publicKeysOf(peers: readonly NamedPairs[]) {
  return Object.fromEntries(peers.map(({ name, pairs }) => [name, pairs.map(({ publicKey }) => publicKey.apply(parsePublicKey))]));
}

function privateKeysOf(peers: readonly NamedPairs[]): pulumi.Output<Record<string, string>> {
  const entries = peers.flatMap(({ name, kind, pairs }) =>
    pairs
      .slice(0, 1)
      .map((present) => [name, kind === GeneratedKeyKind.RsaPem ? present.privateKeyPem : present.privateKeyOpenSsh] as const),
  );
  return pulumi.secret(pulumi.output(Object.fromEntries(entries)));
}
