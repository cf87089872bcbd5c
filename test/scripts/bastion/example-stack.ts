import { describeBastion } from "../../../components/core/describe-bastion.ts";
import type { StackDescription } from "../../../scripts/bastion/parse-outputs.ts";
import { exampleBastion, exampleTunnels } from "../../support/bastions.ts";
import { ECDSA_P256, ED25519_A, keyOf } from "../../support/keys.ts";

/** The stack of the example bastion. */
export const EXAMPLE_STACK: StackDescription = {
  stack: "acme",
  bastion: describeBastion({
    bastion: exampleBastion(),
    users: { tunnel: "tunnel", consumer: "consumer" },
    host: "bastion.example.com",
    hostKeys: [keyOf(ED25519_A), keyOf(ECDSA_P256)],
    tunnels: exampleTunnels(),
    fingerprintsOf: (_, { name }) => [`SHA256:${name}`],
  }),
  generatedKeys: { clients: ["dr-site"], consumers: ["flow"], operators: [] },
};
