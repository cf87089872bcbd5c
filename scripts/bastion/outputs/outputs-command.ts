import type { Command } from "commander";
import { readStack } from "../stack-description.ts";
import { renderJson, type Terminal } from "../terminal.ts";
import { renderOutputs } from "./print-outputs.ts";

/** `bastion outputs`: how the people at both ends reach a bastion. */
export function addOutputsCommand(program: Command, terminal: Terminal): void {
  program
    .command("outputs")
    .summary("host, host keys, tunnels, and the command of each client and consumer")
    .description("Prints how the people at both ends reach a bastion: host, host keys, tunnels, the command of each client and consumer.")
    .argument("[stack]", "stack of the customer; the one that is selected in this folder when left out")
    .option("--json", "print plain data; of private keys only whose they are")
    .addHelpText("after", "\nExample:\n  bastion outputs acme --json")
    .action(async (stack: string | undefined, { json }: { readonly json?: true }) => {
      const description = await readStack(terminal, stack);
      const { bastion, ...rest } = description;
      terminal.print(json ? renderJson({ ...rest, ...bastion }) : renderOutputs(description, terminal.emphasize));
    });
}
