import { expect, test } from "vitest";
import { askForEvidence } from "../../../../scripts/bastion/rotate/ask-for-evidence.ts";
import type { Rotation } from "../../../../scripts/bastion/rotate/rotation.ts";
import type { StackWithKeys } from "../../../../scripts/bastion/stack-description.ts";
import { plain } from "../../../../scripts/bastion/terminal.ts";

const terminal = { folder: "/", print: () => {}, emphasize: plain, interruption: new AbortController().signal };
const rotation = {
  judge: () => {
    throw new Error("there is no status to judge");
  },
} as unknown as Rotation;

/** A stack with these operators, of whom some have a generated key. */
function stackWith(operators: readonly string[], generated: readonly string[]): StackWithKeys {
  return {
    description: {
      stack: "acme",
      bastion: { operators: operators.map((name) => ({ name, fingerprints: [] })), host: "", knownHosts: "" },
      generatedKeys: { clients: [], consumers: [], operators: generated },
    },
    keys: { client: {}, consumer: {}, operator: {} },
  } as unknown as StackWithKeys;
}

const ask = (stack: StackWithKeys, identity?: string) =>
  askForEvidence(terminal, stack, rotation, { subject: { kind: "client", name: "dc1" }, identity });

test.each<[what: string, stack: StackWithKeys, reason: string]>([
  [
    "no operator",
    stackWith([], []),
    "stack acme has no operator to read the bastion's status, so nobody can tell who uses which key: finish with --finish, once you know",
  ],
  [
    "operators whose keys are imported",
    stackWith(["ops"], []),
    "the operators' keys are imported: give one with --identity, or finish with --finish, once you know",
  ],
])("with %s nothing can be told, and nothing speaks against what a person says", async (_what, stack, reason) => {
  expect(await ask(stack)).toEqual({ againstFinishing: [], untold: [reason], againstAbandoning: [] });
});

test("a bastion that could not be asked may have had its reasons: going on wants to be forced, in either direction", async () => {
  const reason = "the bastion could not be asked who uses which key: the private key cannot be read: /none";
  expect(await ask(stackWith(["ops"], []), "none")).toEqual({ againstFinishing: [reason], untold: [], againstAbandoning: [reason] });
});
