import { readFileSync } from "node:fs";
import { Argument, type Command } from "commander";
import type { Terminal } from "../terminal.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** `bastion completion`: what a shell needs to complete the others. */
export function addCompletionCommand(program: Command, { print }: Terminal): void {
  program
    .command("completion")
    .summary("print the completion script of a shell")
    .description("Prints the script by which a shell completes commands, options and stacks.")
    .addArgument(new Argument("<shell>", "shell to complete in").choices(SHELLS))
    .addHelpText("after", "\nExample:\n  bastion completion bash >~/.local/share/bash-completion/completions/bastion")
    .action((shell: (typeof SHELLS)[number]) => print(readFileSync(new URL(`./bastion.${shell}`, import.meta.url), "utf8")));
}
