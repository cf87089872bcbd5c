import type { Command } from "commander";
import { failed, wrongUsage } from "../command-failure.ts";
import { isAskable, withTerminalQuestions } from "../line-reader.ts";
import { renderJson, type Terminal } from "../terminal.ts";
import { describeDeployed, renderDeployed } from "./print-deployed.ts";
import type { Operation } from "./progress.ts";

interface DeployCommandOptions {
  readonly yes?: true;
  readonly json?: true;
}

const STACK = ["[stack]", "stack of the customer; the one that is selected in this folder when left out"] as const;
const JSON_OPTION = ["--json", "print what was done as plain data; of outputs only their names"] as const;

/** `bastion up`, `preview` and `destroy`: the engine on a customer's stack. */
export function addDeployCommands(program: Command, terminal: Terminal): void {
  program
    .command("up")
    .summary("deploy a customer's bastion, or change it to what the file says")
    .description("Deploys the bastion that stacks/customers/STACK.yaml describes, or changes it. The stack is made where there is none.")
    .argument(...STACK)
    .option(...JSON_OPTION)
    .addHelpText("after", "\nExample:\n  bastion up globex")
    .action((stack: string | undefined, options: DeployCommandOptions) => run(terminal, "up", stack, options));
  program
    .command("preview")
    .summary("say what up would do, and change nothing")
    .description("Says what up would create, change and delete. Nothing is deployed; the stack is made where there is none.")
    .argument(...STACK)
    .option(...JSON_OPTION)
    .addHelpText("after", "\nExample:\n  bastion preview globex")
    .action((stack: string | undefined, options: DeployCommandOptions) => run(terminal, "preview", stack, options));
  program
    .command("destroy")
    .summary("remove a customer's bastion, with its keys")
    .description("Removes everything of a stack: host keys and generated keys as well, so a later bastion is another one to the customer.")
    .argument(...STACK)
    .option("--yes", "do not ask for the stack's name first")
    .option(...JSON_OPTION)
    .addHelpText("after", "\nExample:\n  bastion destroy globex --yes")
    .action((stack: string | undefined, options: DeployCommandOptions) => {
      if (!options.yes && !isAskable()) throw wrongUsage("destroy asks for the stack's name, and here is no terminal; say --yes");
      return run(terminal, "destroy", stack, options, options.yes ? undefined : (name) => confirmDestruction(terminal, name));
    });
}

async function run(
  terminal: Terminal,
  operation: Operation,
  name: string | undefined,
  { json }: DeployCommandOptions,
  confirm?: (stack: string) => Promise<void>,
): Promise<void> {
  // Loaded when it is needed: it is most of the time that `--help` would take.
  const { deploy } = await import("./deploy.ts");
  const deployed = await deploy(terminal, operation, { name, ...(confirm === undefined ? {} : { confirm }) });
  terminal.print(json ? renderJson(describeDeployed(deployed)) : renderDeployed(deployed, terminal.emphasize));
}

async function confirmDestruction({ interruption }: Terminal, stack: string): Promise<void> {
  const question = `This removes the bastion of ${stack}, its host keys and generated keys. Type the stack's name to destroy it: `;
  const answer = await withTerminalQuestions(interruption, (ask) => ask(question));
  if (answer !== stack) throw failed(`that is not its name; ${stack} is left as it is`);
}
