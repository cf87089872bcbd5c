import { createRequire } from "node:module";
import { Command } from "commander";
import { addCertificateCommand } from "./certificate/certificate-command.ts";
import { addCompletionCommand } from "./completion/completion-command.ts";
import { addConsumerCommand } from "./consumer/consumer-command.ts";
import { addDeployCommands } from "./deploy/deploy-commands.ts";
import { addDoctorCommand } from "./doctor/doctor-command.ts";
import { addInitCommand } from "./init/init-command.ts";
import { addKeyCommand } from "./key/key-command.ts";
import { addKitCommand } from "./kit/kit-command.ts";
import { addOutputsCommand } from "./outputs/outputs-command.ts";
import { addPortsCommand } from "./outputs/ports-command.ts";
import { addRotateCommand } from "./rotate/rotate-command.ts";
import { addStatusCommand } from "./status/status-command.ts";
import type { Terminal } from "./terminal.ts";

const EXIT_CODES_HELP = `
Exit codes:
  0    done
  1    it did not work: the reason is printed
  2    wrong usage: no such command or option, or one is missing
  3    not there: no project here, no such stack, never deployed, no such client
  4    rotate: begun or waiting, not finished: run it again later
  5    status: some tunnel is not up
  10   doctor: something is wrong on the customer's side
  11   doctor: something is wrong on the platform's side
  12   doctor: something is wrong, and this end alone cannot tell on whose side
  130  interrupted with Ctrl-C; nothing is left half written`;

/** The command line with all of its commands. It throws what it would end the process with. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command("bastion")
    .description("A customer's bastion, from its file to what the people at both ends of it need.")
    .version(readVersion())
    .exitOverride()
    .configureHelp({ styleTitle: (title) => terminal.emphasize("bold", title) })
    .showHelpAfterError("(add --help for what there is)")
    .addHelpText("after", EXIT_CODES_HELP);
  addInitCommand(program, terminal);
  addDeployCommands(program, terminal);
  addOutputsCommand(program, terminal);
  addPortsCommand(program, terminal);
  addKitCommand(program, terminal);
  addKeyCommand(program, terminal);
  addCertificateCommand(program, terminal);
  addConsumerCommand(program, terminal);
  addStatusCommand(program, terminal);
  addDoctorCommand(program, terminal);
  addRotateCommand(program, terminal);
  addCompletionCommand(program, terminal);
  return program;
}

function readVersion(): string {
  const manifest = createRequire(import.meta.url)("pulumi-reverse-bastion/package.json") as { readonly version: string };
  return manifest.version;
}
