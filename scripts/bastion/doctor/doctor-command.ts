import type { Command } from "commander";
import { readStack } from "../stack-description.ts";
import { renderJson, type Terminal } from "../terminal.ts";
import { examineBastion } from "./examine.ts";
import { describeReport, renderReport } from "./report.ts";

interface DoctorOptions {
  readonly identity?: string;
  readonly json?: true;
}

/** `bastion doctor`: what is wrong with a bastion and its tunnels, seen from the platform's end. */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  program
    .command("doctor")
    .summary("find out what is wrong, and whose side it is on")
    .description(
      "Walks the way of a connection from the platform's end: name, TCP, SSH banner, host keys, and each tunnel at its consumer addresses. Says of each fault what it means, whose side it is on and what to do. The customer's end has doctor.sh in its kit.",
    )
    .argument("[stack]", "stack of the customer; the one that is selected in this folder when left out")
    .option("--identity <file>", "private key of a consumer, to look at tunnels on loopback as ssh -L does")
    .option("--json", "print what was found as plain data")
    .addHelpText(
      "after",
      "\nExit codes: 0 healthy, 10 on the customer's side, 11 on the platform's side, 12 cannot be told from here\n\nExample:\n  bastion doctor acme",
    )
    .action(async (stack: string | undefined, { identity, json }: DoctorOptions) => {
      const { stack: name, bastion } = await readStack(terminal, stack);
      const { folder, interruption } = terminal;
      const report = await examineBastion(name, bastion, { identityFile: identity, folder, interruption });
      interruption.throwIfAborted();
      terminal.print(json ? renderJson(describeReport(report)) : renderReport(report, terminal.emphasize));
      if (report.exitCode !== 0) process.exitCode = report.exitCode;
    });
}
