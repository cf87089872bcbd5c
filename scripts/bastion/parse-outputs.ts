import { z } from "zod";
import { PRINCIPAL } from "../../components/core/certificate-login.ts";
import type { BastionDescription } from "../../components/core/describe-bastion.ts";
import { InvalidInputError } from "../../components/core/problem.ts";

/** Names of those whose private keys were made with the bastion, by what they are. */
export interface GeneratedKeyNames {
  readonly clients: readonly string[];
  readonly consumers: readonly string[];
  readonly operators: readonly string[];
}

/** What the stack of a bastion exports, without its secrets. */
export interface StackDescription {
  readonly stack: string;
  readonly bastion: BastionDescription;
  /** Names of the peers whose private keys were made with the bastion, and are in its stack. */
  readonly generatedKeys: GeneratedKeyNames;
}

/** A state file can be written by others: nothing in it may draw on the terminal it is shown on. */
const text = z.string().regex(/^(?:\n|\P{Cc})*$/u, "has control characters");
const port = z.int().min(1).max(65535);

const peer = z.object({
  name: text,
  tunnels: z.array(text),
  fingerprints: z.array(text),
  certificates: z.object({ authorities: z.array(text), principals: z.array(z.string().regex(PRINCIPAL, "is no principal")) }).optional(),
  keyGenerations: z.array(z.int().min(1)),
  command: text,
  sshConfig: text,
});

const operator = peer.omit({ tunnels: true });

const bastion = z.object({
  host: text,
  sshPort: port,
  statusPort: port,
  user: text,
  consumerUser: text,
  endpoint: text,
  consumerEndpoint: text,
  hostKeys: z.array(z.object({ type: text, fingerprint: text, sshfp: text, announcedOnly: z.boolean(), generation: z.int().min(1) })),
  knownHosts: text,
  tunnels: z.array(
    z.object({
      name: text,
      bindPort: port,
      consumerAddresses: z.array(text),
      remoteForward: text,
      commands: z.array(z.object({ client: text, command: text })),
    }),
  ),
  clients: z.array(peer),
  consumers: z.array(peer),
  operators: z.array(operator),
}) satisfies z.ZodType<BastionDescription>;

const secretsByName = z.record(text, z.unknown());
const outputsSchema = bastion.extend({
  clientPrivateKeys: secretsByName,
  consumerPrivateKeys: secretsByName,
  operatorPrivateKeys: secretsByName,
});

/**
 * Reads the outputs of a stack, by name. Of the private keys it takes the names.
 *
 * @throws InvalidInputError that names everything that is missing or misshapen, and repeats no value.
 */
export function parseOutputs(stack: string, outputs: unknown): StackDescription {
  const parsed = outputsSchema.safeParse(outputs, { reportInput: true });
  if (!parsed.success)
    throw new InvalidInputError(parsed.error.issues.map((issue) => ({ path: z.core.toDotPath(issue.path), reason: describeIssue(issue) })));
  const { clientPrivateKeys, consumerPrivateKeys, operatorPrivateKeys, ...description } = parsed.data;
  return {
    stack,
    bastion: description,
    generatedKeys: {
      clients: Object.keys(clientPrivateKeys),
      consumers: Object.keys(consumerPrivateKeys),
      operators: Object.keys(operatorPrivateKeys),
    },
  };
}

const EXPECTED: Readonly<Record<string, string>> = { array: "a list", object: "a mapping", record: "a mapping", string: "a text" };

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined) return "is missing";
  if (issue.code === "invalid_type") return `is not ${EXPECTED[issue.expected] ?? "a port"}`;
  return issue.code === "invalid_format" ? issue.message : "is not a port";
}
