import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { createProgram } from "../../../scripts/bastion/program.ts";
import { plain } from "../../../scripts/bastion/terminal.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const COMPLETION = resolve(import.meta.dirname, "../../../scripts/bastion/completion");
const program = createProgram({ folder: "/", print: () => {}, emphasize: plain, interruption: new AbortController().signal });
const optionsOf = (command: string) =>
  program.commands
    .filter((known) => known.name() === command)
    .flatMap((known) => known.options.map(({ long }) => `${long}`))
    .concat("--help")
    .sort();

const project = temporaryFolder();
mkdirSync(join(project, "stacks/customers"), { recursive: true });
for (const file of ["acme.yaml", "globex.yaml", "notes.txt"]) writeFileSync(join(project, "stacks/customers", file), "");

/** What bash offers for the last word of a line, typed in a project. */
function offersInBash(...words: readonly string[]): string[] {
  const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bastion 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const offers = execFileSync("bash", ["-c", script, "bash", join(COMPLETION, "bastion.bash"), "bastion", ...words], {
    cwd: project,
    encoding: "utf8",
  });
  return offers.trim().split("\n").filter(Boolean).sort();
}

test("bash offers every command, and the one that was begun", () => {
  const commands = program.commands.map((command) => command.name());
  expect(offersInBash("")).toEqual([...commands, "help", "--help", "--version"].sort());
  expect(offersInBash("k")).toEqual(["key", "kit"]);
});

test.each([
  "init",
  "up",
  "preview",
  "destroy",
  "outputs",
  "ports",
  "kit",
  "key",
  "certificate",
  "consumer",
  "status",
  "doctor",
  "rotate",
  "completion",
])("bash offers every option of %s", (command) => {
  expect(offersInBash(command, "--")).toEqual(optionsOf(command));
});

test("bash offers stacks by their customers' files, shells, and paths where a path is wanted", () => {
  expect(offersInBash("outputs", "a")).toEqual(["acme"]);
  expect(offersInBash("kit", "")).toEqual(["acme", "globex", ...optionsOf("kit")].sort());
  expect(offersInBash("completion", "")).toEqual(["--help", "bash", "fish", "zsh"]);
  expect(offersInBash("help", "p")).toEqual(["ports", "preview"]);
  expect(offersInBash("init", "globex", "--target", "a")).toEqual(["aws", "azure"]);
  expect(offersInBash("destroy", "g")).toEqual(["globex"]);
  expect(offersInBash("init", "g")).toEqual([]);
  expect(offersInBash("kit", "acme", "--out", "st")).toEqual(["stacks"]);
  expect(offersInBash("kit", "acme", "--client", "")).toEqual([]);
  expect(offersInBash("status", "acme", "gl")).toEqual(["globex"]);
  expect(offersInBash("consumer", "acme", "--format", "e")).toEqual(["env", "estuary"]);
});

test("shellcheck has nothing to say about the one for bash", () => {
  expect(execFileSync("shellcheck", [join(COMPLETION, "bastion.bash")], { encoding: "utf8" })).toBe("");
});

test.each(["zsh", "fish"])("the one for %s knows every command and option", (shell) => {
  const script = readFileSync(join(COMPLETION, `bastion.${shell}`), "utf8");
  for (const command of program.commands) {
    expect(script).toMatch(new RegExp(`\\b${command.name()}\\b`));
    for (const { long } of command.options)
      expect(script).toMatch(shell === "zsh" ? new RegExp(`'\\*?${long}\\[`) : ` -l ${long?.slice(2)} `);
  }
});
