import { resolve } from "node:path";
import type { Command } from "commander";
import { chooseClient, chooseConsumer, chooseOperator } from "../choose-client.ts";
import { wrongUsage } from "../command-failure.ts";
import { refuseTakenPlace, writePrivateFile } from "../private-file.ts";
import { type PeerRole, privateKeyOf } from "../private-keys.ts";
import { repeatable } from "../repeatable.ts";
import { readStackWithKeys } from "../stack-description.ts";
import { renderJson, type Terminal } from "../terminal.ts";
import { checkRecipients, encryptForRecipients } from "./encrypt-for-recipients.ts";
import { encryptWithPassphrase, readPassphrase } from "./encrypt-with-passphrase.ts";
import { type DeliveredKey, Protection, renderDeliveredKey } from "./print-key.ts";

interface KeyOptions {
  readonly client?: string;
  readonly consumer?: string;
  readonly operator?: string;
  readonly out: string;
  readonly recipient?: readonly string[];
  readonly passphraseFile?: string;
  readonly plain?: true;
  readonly force?: true;
  readonly json?: true;
}

const CHOOSE: Readonly<Record<PeerRole, typeof chooseClient>> = {
  client: chooseClient,
  consumer: chooseConsumer,
  operator: chooseOperator,
};

/** `bastion key`: the one secret that goes to a client, a consumer or an operator. */
export function addKeyCommand(program: Command, terminal: Terminal): void {
  program
    .command("key")
    .summary("write the private key of a client, consumer or operator, encrypted")
    .description(
      "Writes the private key that was generated for a client, a consumer or an operator, encrypted for whoever gets it: for a recipient with age, or with a passphrase as ssh-keygen does. It is never printed.",
    )
    .argument("[stack]", "stack of the customer; the one that is selected in this folder when left out")
    .option("--client <name>", "client whose key it is")
    .option("--consumer <name>", "consumer whose key it is")
    .option("--operator <name>", "operator whose key it is")
    .requiredOption("--out <file>", "file to write; only you can read it")
    .option("--recipient <recipient>", "age1… or an SSH public key, as one word; may be given several times", repeatable)
    .option("--passphrase-file <file>", "file whose only line is the passphrase")
    .option("--plain", "not encrypted, for whoever takes it over on this machine")
    .option("--force", "overwrite the file that is there")
    .option("--json", "print what was written as plain data; the key is not in it")
    .addHelpText("after", "\nExample:\n  bastion key acme --client dc1 --recipient age1… --out ./dc1.key.age")
    .action(async (stack: string | undefined, options: KeyOptions) => {
      const delivered = await deliver(terminal, stack, options);
      terminal.print(options.json ? renderJson(delivered) : renderDeliveredKey(delivered, terminal.emphasize));
    });
}

/** A key as it leaves the stack: text to write. */
type Protect = (privateKey: string) => Promise<string>;

async function deliver(terminal: Terminal, name: string | undefined, options: KeyOptions): Promise<DeliveredKey> {
  const role = roleOf(options);
  const file = resolve(terminal.folder, options.out);
  const how = { force: options.force ?? false, interruption: terminal.interruption };
  const { protection, protect } = protectionOf(terminal, options);
  refuseTakenPlace(file, how);
  const { description, keys } = await readStackWithKeys(terminal, name);
  const peers = description.bastion[`${role}s`];
  const peer = CHOOSE[role](
    peers.map((known) => known.name),
    options[role],
  );
  const privateKey = privateKeyOf(keys, role, peer);
  await writePrivateFile(file, await protect(privateKey), how);
  const isPem = privateKey.startsWith("-----BEGIN RSA ");
  return { stack: description.stack, role, name: peer, out: options.out, protection, isPem };
}

function roleOf(options: KeyOptions): PeerRole {
  const [role, ...others] = (["client", "consumer", "operator"] as const).filter((each) => options[each] !== undefined);
  if (role === undefined || others.length > 0) throw wrongUsage("name one: --client NAME, --consumer NAME or --operator NAME");
  return role;
}

function protectionOf(
  { folder, interruption }: Terminal,
  { recipient: recipients, passphraseFile, plain }: KeyOptions,
): { readonly protection: Protection; readonly protect: Protect } {
  if ([recipients, passphraseFile, plain].filter((given) => given !== undefined).length !== 1)
    throw wrongUsage("say how the key is protected, in one way: --recipient, --passphrase-file or --plain");
  if (recipients !== undefined) {
    checkRecipients(recipients);
    return { protection: Protection.Recipient, protect: (key) => encryptForRecipients(key, recipients, interruption) };
  }
  if (passphraseFile !== undefined) {
    const passphrase = readPassphrase(resolve(folder, passphraseFile));
    return { protection: Protection.Passphrase, protect: (key) => encryptWithPassphrase(key, passphrase, interruption) };
  }
  return { protection: Protection.None, protect: async (key) => key };
}
