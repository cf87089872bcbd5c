import type { EngineOptions, RegisteredResource } from "./engine.ts";
import { ECDSA_P256, ED25519_A, ED25519_B, ED25519_C, RSA_3072 } from "./keys.ts";

/** What the machine of the tests looks like to the provider, as root. */
export const MACHINE = {
  directory: "/var/lib/pulumi-reverse-bastion/project-stack-acme",
  sshd: "/usr/sbin/sshd",
  sshKeygen: "/usr/bin/ssh-keygen",
  python: "/usr/bin/python3",
  opensshVersion: "OpenSSH_9.2p1",
  tunnelUser: "tunnel",
  consumerUser: "consumer",
};

/** The public keys that the provider makes, by the name of the resource. */
const PUBLIC_KEYS: Readonly<Record<string, { readonly line: string; readonly fingerprint: string }>> = {
  "acme-host-key-ed25519": ED25519_A,
  "acme-host-key-ecdsa": ECDSA_P256,
  "acme-host-key-ed25519-2": ED25519_C,
  "acme-host-key-ecdsa-2": ECDSA_P256,
  "acme-client-dr-site-key": ED25519_B,
  "acme-client-dr-site-key-2": ED25519_A,
  "acme-consumer-flow-key": RSA_3072,
  "acme-consumer-bi-key": ED25519_C,
  "acme-operator-prometheus-key": ED25519_A,
};

/** The private half of a key pair: a text that can be searched for. */
export function privateKeyOf(resource: string, format = "OPENSSH"): string {
  return `-----BEGIN ${format} PRIVATE KEY-----\nsecret of ${resource}\n-----END ${format} PRIVATE KEY-----\n`;
}

/** What the provider adds to the inputs of its resources. */
export function providerOutputs({ type, name, inputs }: RegisteredResource): object {
  switch (type) {
    case "reverse-bastion:index:SshKeyPair": {
      const key = PUBLIC_KEYS[name];
      if (key === undefined) throw new Error(`the test has no key for ${name}`);
      return {
        publicKey: key.line,
        fingerprint: key.fingerprint,
        privateKeyOpenSsh: privateKeyOf(name),
        privateKeyPem: inputs.algorithm === "rsa-3072" ? privateKeyOf(name, "RSA") : "",
      };
    }
    case "reverse-bastion:index:BindPorts":
      return { bindPorts: { orders: 15000, billing: 15001, flow: 8080 } };
    default:
      return {};
  }
}

/** An engine with this machine and this provider behind it. */
export const LOCAL_ENGINE: EngineOptions = {
  outputsOf: providerOutputs,
  calls: { "reverse-bastion:local:getHost": () => MACHINE },
};
