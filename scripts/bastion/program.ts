import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addCompletionCommand } from "./completion-command.ts";
import { addKitCommand } from "./kit-command.ts";
import { addOutputsCommand } from "./outputs-command.ts";
import { addPortsCommand } from "./ports-command.ts";
import type { Terminal } from "./terminal.ts";

const EXIT_CODES_HELP = `
Exit codes:
  0    done
  1    it did not work: the reason is printed
  2    wrong usage: no such command or option, or one is missing
  3    not there: no project here, no such stack, never deployed, no such client
  130  interrupted with Ctrl-C; nothing is left half done`;

/** The command line with all of its commands. It throws what it would end the process with. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command("bastion")
    .description("What the people at both ends of a customer's bastion need, from the outputs of its stack.")
    .version(readVersion())
    .exitOverride()
    .configureHelp({ styleTitle: (title) => terminal.emphasize("bold", title) })
    .showHelpAfterError("(add --help for what there is)")
    .addHelpText("after", EXIT_CODES_HELP);
  addOutputsCommand(program, terminal);
  addPortsCommand(program, terminal);
  addKitCommand(program, terminal);
  addCompletionCommand(program, terminal);
  return program;
}

function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string };
  return manifest.version;
}
