import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProgram } from "../../../../scripts/bastion/program.ts";
import { plain } from "../../../../scripts/bastion/terminal.ts";
import { ED25519_A } from "../../../support/keys.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const folder = temporaryFolder();
writeFileSync(join(folder, "new.pub"), `${ED25519_A.line} me@dc1\n`);
writeFileSync(join(folder, "empty.pub"), "");
writeFileSync(join(folder, "private"), "-----BEGIN OPENSSH PRIVATE KEY-----\n");

/** Types a command that ends before any stack is asked: the folder is no project. */
async function type(...args: readonly string[]): Promise<unknown> {
  const program = createProgram({ folder, print: () => {}, emphasize: plain, interruption: new AbortController().signal });
  for (const command of program.commands) command.configureOutput({ writeErr: () => {} });
  return program.parseAsync(["rotate", ...args], { from: "user" }).catch((error: unknown) => error);
}

const NAME_ONE = /^name one: --client NAME, --consumer NAME, --operator NAME or --host-key$/;

test.each([
  { args: [], exitCode: 2, said: NAME_ONE },
  { args: ["acme", "--yes"], exitCode: 2, said: NAME_ONE },
  { args: ["--client", "dc1", "--consumer", "flow"], exitCode: 2, said: NAME_ONE },
  { args: ["--client", "dc1", "--host-key"], exitCode: 2, said: NAME_ONE },
  {
    args: ["--client", "dc1", "--finish", "--abandon"],
    exitCode: 2,
    said: /^--finish goes forward and --abandon goes back; say one of them$/,
  },
  {
    args: ["--host-key", "--public-key", "new.pub"],
    exitCode: 2,
    said: /^the host keys are made with the bastion; leave --public-key out$/,
  },
  { args: ["--client", "dc1", "--public-key", "none.pub"], exitCode: 3, said: /^the public key cannot be read: .*\/none\.pub$/ },
  { args: ["--client", "dc1", "--public-key", "empty.pub"], exitCode: 1, said: /\/empty\.pub is empty; paste the line/ },
  { args: ["--client", "dc1", "--public-key", "private"], exitCode: 1, said: /\/private is a PRIVATE key/ },
  { args: ["--client", "dc1", "--public-key", "new.pub"], exitCode: 3, said: /^there is no Pulumi\.yaml in this folder/ },
])("bastion rotate $args is refused before the stack is asked", async ({ args, exitCode, said }) => {
  expect(await type(...args)).toMatchObject({ exitCode, message: expect.stringMatching(said) });
});
