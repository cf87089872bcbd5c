import { basename } from "node:path";
import { quoteForShell } from "../../../components/core/ssh-command.ts";
import type { PeerRole } from "../private-keys.ts";
import { indent } from "../table.ts";
import type { Emphasize } from "../terminal.ts";

/** What keeps a delivered key from others. */
export const Protection = { Recipient: "recipient", Passphrase: "passphrase", None: "none" } as const;
export type Protection = (typeof Protection)[keyof typeof Protection];

/** What `bastion key` has written. The key is not in it. */
export interface DeliveredKey {
  readonly stack: string;
  readonly role: PeerRole;
  readonly name: string;
  /** The file, as it was named. */
  readonly out: string;
  readonly protection: Protection;
  /** Whether the stack has it as RSA in PEM, which some platforms ask for. */
  readonly isPem: boolean;
}

/** Renders for a person what was written, and how whoever gets it opens it. */
export function renderDeliveredKey(key: DeliveredKey, emphasize: Emphasize): string {
  return `${emphasize("bold", `Private key of ${key.role} ${key.name} of ${key.stack}: ${key.out}`)}\n${indent(howToOpen(key))}`;
}

function howToOpen({ role, name, out, protection, isPem }: DeliveredKey): string {
  const file = quoteForShell(basename(out));
  const place = role === "client" ? `beside the files of the kit, as ${name}.key` : `as ${name}.key`;
  switch (protection) {
    case "recipient":
      return `Encrypted with age. Whoever has the identity opens it, ${place}:\n(umask 077; age -d -i IDENTITY -o ${name}.key ${file})\n`;
    case "passphrase":
      return `Encrypted as ssh-keygen does; it goes ${place}. Tell the passphrase in another way.
What runs without a person cannot type it. This takes it off, where the key stays:
ssh-keygen -p${isPem ? " -m PEM" : ""} -f ${file}
`;
    case "none":
      return `Not encrypted; only you can read it. It goes ${place}.\n`;
  }
}
