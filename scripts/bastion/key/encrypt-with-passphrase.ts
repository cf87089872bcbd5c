import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { failed, notThere } from "../command-failure.ts";
import { inPrivateFolder } from "./private-folder.ts";
import { runProgram } from "./run-program.ts";

const ASKPASS = fileURLToPath(new URL("./askpass.sh", import.meta.url));

/** Rounds of bcrypt: about a second for whoever types the passphrase, and for each guess. */
const KDF_ROUNDS = 100;

/** Whoever gets hold of the file can guess as long as they like. */
const MINIMUM_CHARACTERS = 12;

/** ssh reads an answer of up to 1023 bytes. */
const MAXIMUM_BYTES = 1000;

/**
 * Encrypts a private key as ssh-keygen does, in OpenSSH's own format, whatever form it had. The passphrase goes to
 * ssh-keygen by a pipe; the key by a file that only we can read, since ssh-keygen changes a file in its place.
 */
export async function encryptWithPassphrase(privateKey: string, passphrase: string, interruption: AbortSignal): Promise<string> {
  return inPrivateFolder(async (folder) => {
    const file = join(folder, "key");
    await writeFile(file, privateKey, { mode: 0o600 });
    const ended = await runProgram("ssh-keygen", ["-q", "-p", "-a", `${KDF_ROUNDS}`, "-f", file], {
      // The new passphrase is asked for twice.
      input: `${passphrase}\n${passphrase}\n`,
      env: { SSH_ASKPASS: ASKPASS, SSH_ASKPASS_REQUIRE: "force", LC_ALL: "C" },
      interruption,
    });
    if (ended === undefined) throw failed("ssh-keygen is not on the PATH; install OpenSSH (Debian: openssh-client)");
    const encrypted = await readFile(file, "utf8");
    if (!ended.succeeded || encrypted === privateKey) throw failed(`ssh-keygen did not encrypt the key: ${ended.stderr.trim()}`);
    return encrypted;
  });
}

/**
 * Reads a passphrase, the only line of a file.
 *
 * @param file absolute path; may be a pipe, such as `/dev/fd/3`.
 * @throws CommandFailure that never repeats it.
 */
export function readPassphrase(file: string): string {
  const [passphrase = "", ...rest] = readTextFile(file).split(/\r?\n/);
  if (rest.some((line) => line !== "")) throw failed(`${file} has several lines; a passphrase is one`);
  if ([...passphrase].length < MINIMUM_CHARACTERS || Buffer.byteLength(passphrase) > MAXIMUM_BYTES)
    throw failed(`the passphrase in ${file} has to have ${MINIMUM_CHARACTERS} to ${MAXIMUM_BYTES} characters`);
  if (/\p{Cc}/u.test(passphrase)) throw failed(`the passphrase in ${file} has control characters, which nobody can type`);
  return passphrase;
}

function readTextFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw notThere(`there is no file ${file}, which is to have the passphrase`);
    throw error;
  }
}
