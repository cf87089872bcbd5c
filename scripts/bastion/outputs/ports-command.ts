import type { Command } from "commander";
import { readStack } from "../stack-description.ts";
import { renderJson, type Terminal } from "../terminal.ts";
import { listBindPorts, renderBindPorts } from "./bind-port-table.ts";

/** `bastion ports`: which bind port is whose. */
export function addPortsCommand(program: Command, terminal: Terminal): void {
  program
    .command("ports")
    .summary("table of bind ports: where each listens, who may open it, where it is reached")
    .description("Prints a table of a bastion's bind ports: where each listens, who may open it, who may reach it and at which addresses.")
    .argument("[stack]", "stack of the customer; the one that is selected in this folder when left out")
    .option("--json", "print plain data")
    .addHelpText("after", "\nExample:\n  bastion ports acme")
    .action(async (stack: string | undefined, { json }: { readonly json?: true }) => {
      const { bastion } = await readStack(terminal, stack);
      const entries = listBindPorts(bastion);
      terminal.print(json ? renderJson(entries) : renderBindPorts(entries, terminal.emphasize));
    });
}
