import { failed, notThere } from "./command-failure.ts";

/** A client dials in to open tunnels, a consumer to reach them, an operator to see how they are. */
export type PeerRole = "client" | "consumer" | "operator";

/** Private keys of a stack, by role and name. Made for one use: to be handed to a peer. */
export interface PrivateKeys {
  readonly client: Readonly<Record<string, unknown>>;
  readonly consumer: Readonly<Record<string, unknown>>;
  readonly operator: Readonly<Record<string, unknown>>;
}

/** The two forms in which keys are generated. */
const PRIVATE_KEY =
  /^-----BEGIN (?<form>OPENSSH|RSA) PRIVATE KEY-----\n(?:[A-Za-z0-9+/]{1,76}={0,2}\n)+-----END \k<form> PRIVATE KEY-----\n$/;

/** Takes the private keys out of the outputs of a stack. */
export function privateKeysIn(outputs: Readonly<Record<string, unknown>>): PrivateKeys {
  return {
    client: recordOf(outputs.clientPrivateKeys),
    consumer: recordOf(outputs.consumerPrivateKeys),
    operator: recordOf(outputs.operatorPrivateKeys),
  };
}

/**
 * The private key that was generated for a peer.
 *
 * @throws CommandFailure for a peer whose public key was imported, and for what is no key; it repeats no value.
 */
export function privateKeyOf(keys: PrivateKeys, role: PeerRole, name: string): string {
  const key = Object.hasOwn(keys[role], name) ? keys[role][name] : undefined;
  if (key === undefined)
    throw notThere(
      `the stack has no private key of ${role} ${name}: its public key was imported, so the private one is where that was made; with generateKey in the customer's file the stack makes one`,
    );
  if (typeof key !== "string" || !PRIVATE_KEY.test(key)) throw failed(`what the stack has as private key of ${role} ${name} is none`);
  return key;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
