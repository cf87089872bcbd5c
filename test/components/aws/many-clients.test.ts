import { expect, test } from "vitest";
import { parseBastion } from "../../../components/core/bastion.ts";
import type { ClientSpec } from "../../../components/core/bastion-spec.ts";
import { placeTunnels } from "../../../components/core/forward.ts";
import { makeKeySet, renderKeySet } from "../../../components/core/key-set.ts";
import { type PublicKey, parsePublicKey } from "../../../components/core/public-key.ts";
import { up } from "../../support/aws-bastion.ts";
import { awsOutputs, parametersOf } from "../../support/aws-engine.ts";
import { DEPLOYABLE } from "../../support/bastions.ts";
import type { RegisteredResource } from "../../support/engine.ts";
import { documentIn } from "../../support/mailbox-parameters.ts";
import { RANDOM_KEY } from "../../support/random-keys.ts";
import { resourceIn } from "../../support/registered.ts";

const BIND_PORTS = { orders: 15000, billing: 15001, flow: 8080 };

const clients = (count: number, client: () => Omit<ClientSpec, "name">): ClientSpec[] =>
  Array.from({ length: count }, (_, i) => ({ name: `client-${i}`, ...client() }));

/** Deploys a bastion whose generated keys nobody knew before; tells which they were. */
async function upWith(specs: readonly ClientSpec[]) {
  const keys: Record<string, PublicKey[]> = {};
  const outputsOf = (resource: RegisteredResource): object => {
    const [, client] = /^acme-client-(.+)-key$/.exec(resource.name) ?? [];
    if (client === undefined) return awsOutputs(resource);
    const publicKey = RANDOM_KEY[resource.inputs.algorithm === "rsa-3072" ? "rsa-pem" : "ed25519"]();
    const key = parsePublicKey(publicKey);
    keys[client] = [key];
    return { publicKey, fingerprint: key.fingerprint, privateKeyOpenSsh: "", privateKeyPem: "" };
  };
  const { registered, error } = await up({ clients: specs, consumers: [] }, { outputsOf });
  expect(error).toBeUndefined();
  return { registered, keys };
}

const userDataOf = (registered: readonly RegisteredResource[]) => resourceIn(registered, "acme-instance").inputs.userData as string;

test.each<[string, readonly ClientSpec[]]>([
  ["1 client", clients(1, () => ({ generateKey: "ed25519" }))],
  ["50 clients with generated keys", clients(50, () => ({ generateKey: "ed25519" }))],
  ["500 clients with generated keys", clients(500, () => ({ generateKey: "ed25519" }))],
  ["50 clients with RSA keys", clients(50, () => ({ generateKey: "rsa-pem" }))],
  ["500 clients with keys of their own", clients(500, () => ({ publicKeys: [RANDOM_KEY.ed25519()] }))],
])("with %s, the user data is the same, and all of the key set is in the mailbox", async (_what, specs) => {
  const { registered, keys } = await upWith(specs);
  const bastion = parseBastion({ ...DEPLOYABLE, clients: specs, consumers: [] });
  const users = { tunnel: "tunnel", consumer: "consumer" };
  const keySet = makeKeySet(bastion, users, placeTunnels(bastion.tunnels, BIND_PORTS), { clients: keys, consumers: {}, operators: {} });
  expect(documentIn(parametersOf(registered), "key-set")).toBe(renderKeySet(keySet));
  const values = Object.values(parametersOf(registered));
  expect(values.filter((value) => value.length < 1 || Buffer.byteLength(value) > 4096)).toEqual([]);
  expect(userDataOf(registered)).toBe(userDataOf((await up()).registered));
});

test("the user data is far below what EC2 takes, and has neither clients nor keys in it", async () => {
  const { registered } = await up();
  const userData = userDataOf(registered);
  // 16 KiB, before base64 (EC2 guide, "instance user data").
  expect(Buffer.byteLength(userData)).toBeLessThan(16_384 * 0.75);
  for (const word of ["dc1", "dr-site", "ssh-ed25519", "ssh-rsa", "PRIVATE", "198.51.100", "15000"])
    expect(userData, word).not.toContain(word);
});
