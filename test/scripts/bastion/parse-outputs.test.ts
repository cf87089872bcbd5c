import { expect, test } from "vitest";
import { InvalidInputError } from "../../../components/core/problem.ts";
import { parseOutputs } from "../../../scripts/bastion/parse-outputs.ts";
import { EXAMPLE_STACK } from "./example-stack.ts";

const SECRET = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n-----END OPENSSH PRIVATE KEY-----\n";
const OUTPUTS = {
  ...EXAMPLE_STACK.bastion,
  clientPrivateKeys: { "dr-site": SECRET },
  consumerPrivateKeys: { flow: SECRET },
  operatorPrivateKeys: {},
};

/** Everything that is refused, as it is reported. */
function refusals(outputs: unknown): string[] {
  try {
    parseOutputs("acme", outputs);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message.split("\n");
    throw error;
  }
  throw new Error("nothing was refused");
}

test("the outputs of a bastion's stack come back as they were described, and of private keys the names", () => {
  expect(parseOutputs("acme", OUTPUTS)).toEqual(EXAMPLE_STACK);
  expect(JSON.stringify(parseOutputs("acme", OUTPUTS))).not.toContain("PRIVATE KEY");
});

test("further outputs of the stack are none of ours", () => {
  expect(parseOutputs("acme", { ...OUTPUTS, privateEndpoints: [] })).toEqual(EXAMPLE_STACK);
});

test("everything that is missing is named at once", () => {
  expect(refusals({ privateEndpoints: [] })).toEqual(
    [
      "host",
      "sshPort",
      "statusPort",
      "user",
      "consumerUser",
      "endpoint",
      "consumerEndpoint",
      "hostKeys",
      "knownHosts",
      "tunnels",
      "clients",
      "consumers",
      "operators",
      "clientPrivateKeys",
      "consumerPrivateKeys",
      "operatorPrivateKeys",
    ].map((name) => `${name}: is missing`),
  );
});

test("what is misshapen is named with its place, and never repeated", () => {
  const [tunnel] = OUTPUTS.tunnels;
  const [client] = OUTPUTS.clients;
  const misshapen = {
    ...OUTPUTS,
    host: SECRET.length,
    sshPort: 70_000,
    statusPort: "9422",
    user: "tunnel\u001b[2J",
    tunnels: [tunnel, { ...tunnel, bindPort: SECRET }],
    clients: [{ ...client, tunnels: SECRET }],
    consumerPrivateKeys: SECRET,
  };
  expect(refusals(misshapen)).toEqual([
    "host: is not a text",
    "sshPort: is not a port",
    "statusPort: is not a port",
    "user: has control characters",
    "tunnels[1].bindPort: is not a port",
    "clients[0].tunnels: is not a list",
    "consumerPrivateKeys: is not a mapping",
  ]);
});
