import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProgram } from "../../../../scripts/bastion/program.ts";
import { plain } from "../../../../scripts/bastion/terminal.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const folder = temporaryFolder();
writeFileSync(join(folder, "taken"), "");

/** Types a command that ends before any stack is asked: the folder is no project. */
async function type(...args: readonly string[]): Promise<unknown> {
  const program = createProgram({ folder, print: () => {}, emphasize: plain, interruption: new AbortController().signal });
  for (const command of program.commands) command.configureOutput({ writeErr: () => {} });
  return program.parseAsync(args, { from: "user" }).catch((error: unknown) => error);
}

const OF_DC1 = ["key", "--client", "dc1"];

test.each([
  {
    args: [...OF_DC1, "--out", "x"],
    exitCode: 2,
    said: /^say how the key is protected, in one way: --recipient, --passphrase-file or --plain$/,
  },
  { args: [...OF_DC1, "--out", "x", "--plain", "--passphrase-file", "p"], exitCode: 2, said: /in one way/ },
  { args: [...OF_DC1, "--out", "x", "--recipient", "AGE-SECRET-KEY-1Q"], exitCode: 2, said: /this one is private/ },
  {
    args: [...OF_DC1, "--out", "x", "--passphrase-file", "none"],
    exitCode: 3,
    said: /^there is no file .*\/none, which is to have the passphrase$/,
  },
  { args: ["key", "--out", "x", "--plain"], exitCode: 2, said: /^name one: --client NAME, --consumer NAME or --operator NAME$/ },
  { args: [...OF_DC1, "--consumer", "flow", "--out", "x", "--plain"], exitCode: 2, said: /^name one/ },
  { args: [...OF_DC1, "--out", "taken", "--plain"], exitCode: 1, said: /taken is there already/ },
  { args: [...OF_DC1, "--out", "taken/x", "--plain", "--force"], exitCode: 1, said: /taken is no folder; name another file with --out$/ },
  { args: [...OF_DC1, "--out", "/dev/stdout", "--plain", "--force"], exitCode: 1, said: /^\/dev\/stdout is no regular file/ },
  { args: ["consumer", "--format", "estuary", "--out", "taken"], exitCode: 1, said: /taken is there already/ },
  { args: [...OF_DC1, "--plain"], exitCode: 1, said: /required option '--out <file>' not specified/ },
  { args: ["consumer", "--json", "--format", "env"], exitCode: 1, said: /option '--json' cannot be used with option '--format <format>'/ },
])("bastion $args is refused before the stack is asked", async ({ args, exitCode, said }) => {
  expect(await type(...args)).toMatchObject({ exitCode, message: expect.stringMatching(said) });
});
