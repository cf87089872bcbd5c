import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { checkPublicKey, parsePublicKey, renderPublicKey } from "../../../components/core/public-key.ts";
import { EXIT_CODES, failed, notThere, wrongUsage } from "../command-failure.ts";
import { isAskable, withTerminalQuestions } from "../line-reader.ts";
import { renderJson, type Terminal } from "../terminal.ts";
import { Outcome } from "./outcome.ts";
import { Wish } from "./plan-rotation.ts";
import { describeRotated, renderRotated } from "./print-rotated.ts";
import type { RotateOptions } from "./rotate.ts";
import type { Subject } from "./rotation.ts";

interface RotateCommandOptions {
  readonly client?: string;
  readonly consumer?: string;
  readonly operator?: string;
  readonly hostKey?: true;
  readonly publicKey?: string;
  readonly finish?: true;
  readonly abandon?: true;
  readonly force?: true;
  readonly wait?: true;
  readonly identity?: string;
  readonly yes?: true;
  readonly json?: true;
}

/** `bastion rotate`: another key, without a moment in which none works. */
export function addRotateCommand(program: Command, terminal: Terminal): void {
  program
    .command("rotate")
    .summary("change the key of a client, consumer or operator, or the host keys")
    .description(
      "Changes a key while everything stays up: the new one is accepted beside the old one, then the old one is dropped. Does what can be done now, says what comes next, and goes on when it is typed again. It changes the customer's file, and deploys it.",
    )
    .argument("[stack]", "stack of the customer; the one that is selected in this folder when left out")
    .option("--client <name>", "client whose key is changed")
    .option("--consumer <name>", "consumer whose key is changed")
    .option("--operator <name>", "operator whose key is changed")
    .option("--host-key", "change the bastion's own keys")
    .option("--public-key <file>", "the new key's .pub file, where keys are imported")
    .option("--finish", "drop the old key: needed where the stack has no operator, and nobody can tell who uses it")
    .option("--abandon", "drop the new key, and go back to the old one")
    .option("--force", "finish or abandon also while the key that goes is in use")
    .option("--wait", "wait until it can be finished, and finish it")
    .option("--identity <file>", "private key of an operator, where it is not in the stack")
    .option("--yes", "do not ask before something is changed")
    .option("--json", "print how far it is as plain data")
    .addHelpText("after", "\nExample:\n  bastion rotate acme --client dc1")
    .action(async (stack: string | undefined, options: RotateCommandOptions) => {
      const given = { stack, ...parseOptions(terminal, options) };
      // Loaded when it is needed: it is most of the time that `--help` would take.
      const { rotate } = await import("./rotate.ts");
      const rotated = await rotate(terminal, given);
      terminal.print(options.json ? renderJson(describeRotated(rotated)) : renderRotated(rotated, terminal.emphasize));
      if (rotated.outcome === Outcome.Begun || rotated.outcome === Outcome.Waiting) process.exitCode = EXIT_CODES.notFinished;
    });
}

function parseOptions(terminal: Terminal, options: RotateCommandOptions): Omit<RotateOptions, "stack"> {
  if (options.finish && options.abandon) throw wrongUsage("--finish goes forward and --abandon goes back; say one of them");
  return {
    subject: subjectOf(terminal, options),
    wish: options.finish ? Wish.Finish : options.abandon ? Wish.Abandon : Wish.GoOn,
    isForced: options.force ?? false,
    waits: options.wait ?? false,
    identity: options.identity,
    confirm: (what) => confirm(terminal, what, options.yes ?? false),
  };
}

function subjectOf({ folder }: Terminal, options: RotateCommandOptions): Subject {
  const [kind, ...others] = (["client", "consumer", "operator", "hostKey"] as const).filter((each) => options[each] !== undefined);
  if (kind === undefined || others.length > 0) throw wrongUsage("name one: --client NAME, --consumer NAME, --operator NAME or --host-key");
  if (kind !== "hostKey")
    return options.publicKey === undefined
      ? { kind, name: options[kind] }
      : { kind, name: options[kind], publicKey: readPublicKey(resolve(folder, options.publicKey)), publicKeyFile: options.publicKey };
  if (options.publicKey !== undefined) throw wrongUsage("the host keys are made with the bastion; leave --public-key out");
  return { kind: "host" };
}

/** As it is to stand in the customer's file: with its comment, where that is a plain word. */
function readPublicKey(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch {
    throw notThere(`the public key cannot be read: ${file}`);
  }
  const reason = checkPublicKey(text);
  if (reason !== undefined) throw failed(`${file} ${reason}`);
  const [, , comment = "", ...more] = text.split(/\s+/);
  return renderPublicKey(parsePublicKey(text), more.length === 0 && /^[\w.@-]{1,64}$/.test(comment) ? comment : undefined);
}

async function confirm({ interruption }: Terminal, what: string, isAgreed: boolean): Promise<void> {
  if (isAgreed) return;
  if (!isAskable()) throw wrongUsage(`${what} That is asked about first, and here is no terminal; say --yes`);
  const answer = await withTerminalQuestions(interruption, (ask) => ask(`${what} Go on? [y/N] `));
  if (!/^y(es)?$/i.test(answer)) throw failed("nothing was changed");
}
