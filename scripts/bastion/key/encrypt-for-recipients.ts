import { InvalidInputError, looksLikePrivateKey } from "../../../components/core/problem.ts";
import { parsePublicKey } from "../../../components/core/public-key.ts";
import { failed, wrongUsage } from "../command-failure.ts";
import { runProgram } from "./run-program.ts";

/** Types of SSH keys that age encrypts for. */
const SSH_TYPES: ReadonlySet<string> = new Set(["ssh-ed25519", "ssh-rsa"]);

/** Encrypts a private key for whoever has the identity of one of these recipients, as text that can be mailed. */
export async function encryptForRecipients(privateKey: string, recipients: readonly string[], interruption: AbortSignal): Promise<string> {
  const ended = await runProgram("age", ["--encrypt", "--armor", ...recipients.flatMap((recipient) => ["--recipient", recipient])], {
    input: privateKey,
    interruption,
  });
  if (ended === undefined)
    throw failed("age is not on the PATH; install it (Debian and Homebrew: age), or deliver the key with --passphrase-file");
  if (!ended.succeeded) throw failed(`age did not encrypt the key: ${ended.stderr.trim()}`);
  return ended.stdout;
}

/**
 * Refuses what is no recipient of age's: arguments can be seen by others, so it has to be public.
 *
 * @throws CommandFailure that repeats no secret.
 */
export function checkRecipients(recipients: readonly string[]): void {
  for (const recipient of recipients) {
    if (/AGE-SECRET-KEY-/i.test(recipient) || looksLikePrivateKey(recipient))
      throw wrongUsage("a recipient is a public key, and this one is private; it has been on a command line, so make another");
    if (!/^age1[a-z0-9]+$/.test(recipient)) checkSshRecipient(recipient);
  }
}

function checkSshRecipient(recipient: string): void {
  try {
    if (SSH_TYPES.has(parsePublicKey(recipient).type)) return;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw wrongUsage(`--recipient: ${error.message}; or a recipient of age's own, "age1…"`);
  }
  throw wrongUsage("--recipient: age encrypts for ssh-ed25519 and ssh-rsa, and for recipients of its own, age1…");
}
