import { z } from "zod";
import { InvalidInputError } from "../../../components/core/problem.ts";

/** What a bastion says of itself comes from another machine: nothing in it may draw on the terminal it is shown on. */
const word = z.string().regex(/^\P{Cc}*$/u, "has control characters");
/** What programs there have said: their line ends and tabs are no reason to refuse all of it. */
const sentence = z.string().transform((said) => said.replaceAll(/\p{Cc}+/gu, " ").trim());
const moment = z.iso.datetime();
const port = z.int().min(1).max(65535);
const count = z.int().min(0);
const seconds = z.number().min(0);

const tunnel = z.object({
  name: word,
  bindPort: port,
  bindAddress: word,
  state: z.enum(["up", "silent", "down"]),
  since: moment.nullable(),
  client: word.nullable(),
  fingerprint: word.nullable(),
  clientAddress: word.nullable(),
  silentSeconds: seconds.nullable(),
  openConnections: count.nullable(),
  bytesReceived: count.nullable(),
  bytesSent: count.nullable(),
});

const session = z.object({
  user: word,
  name: word,
  fingerprint: word,
  clientAddress: word.nullable(),
  since: moment,
  silentSeconds: seconds.nullable(),
  bytesReceived: count.nullable(),
  bytesSent: count.nullable(),
  pid: count,
  permitListen: z.array(word),
  permitOpen: z.array(word),
  listening: z.array(z.object({ address: word, port, since: moment })),
});

const key = z.object({
  user: word,
  name: word,
  fingerprint: word,
  expiresAt: moment.nullable(),
  lastLoginAt: moment.nullable(),
});

const refusal = z.object({ digest: word, reason: sentence }).nullable();

const statusSchema = z.object({
  version: z.literal(1),
  at: moment,
  startedAt: moment,
  tunnels: z.array(tunnel),
  sessions: z.array(session),
  keys: z.array(key),
  hostKeys: z.array(z.object({ type: word, fingerprint: word, announcedOnly: z.boolean(), since: moment })),
  hostKeysRefused: sentence.nullable(),
  sshd: z.object({
    pid: count.nullable(),
    listening: z.boolean(),
    startedAt: moment.nullable(),
    restarts: count,
    lastExit: sentence.nullable(),
  }),
  keySet: z.object({ digest: word, installedAt: moment, refused: refusal }),
  mailbox: z
    .object({
      checkedAt: moment.nullable(),
      problem: sentence.nullable(),
      hostFiles: z.object({ digest: word.nullable(), refused: refusal }),
    })
    .nullable(),
  statusPort: z.object({ listening: z.boolean() }),
});

/** How a bastion is at one moment, as it says itself. Times are those of its own clock. */
export type BastionStatus = z.infer<typeof statusSchema>;
export type TunnelStatus = BastionStatus["tunnels"][number];
export type KeyStatus = BastionStatus["keys"][number];

/**
 * Reads `status.json` of a bastion. What a later bastion says beside that is left out.
 *
 * @throws InvalidInputError that names everything that is missing or misshapen, and repeats no value.
 */
export function parseStatus(text: string): BastionStatus {
  const parsed = statusSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(parsed.error.issues.map(({ path, message }) => ({ path: z.core.toDotPath(path), reason: message })));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInputError([{ path: "status.json", reason: "is not JSON" }]);
  }
}
