import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type PublicKey, renderPublicKey } from "../../../components/core/public-key.ts";
import { failed } from "../command-failure.ts";
import { inPrivateFolder } from "../key/private-folder.ts";
import { type EndedProgram, runProgram } from "../key/run-program.ts";
import { renderValidity, type Validity } from "./validity.ts";

/** What a certificate is to say. */
export interface CertificateRequest {
  readonly publicKey: PublicKey;
  /** What sshd's log calls it. */
  readonly keyId: string;
  readonly serial: bigint;
  readonly principals: readonly string[];
  readonly validity: Validity;
}

/** The fingerprint of an authority's key and its type, as ssh-keygen calls it. */
export interface Authority {
  readonly fingerprint: string;
  readonly isRsa: boolean;
}

/** Looks at an authority's key, the private or the public half. A passphrase is not needed for that, and not asked for. */
export async function readAuthority(file: string, interruption: AbortSignal): Promise<Authority> {
  const { succeeded, stdout, stderr } = await keygen(["-l", "-f", file], interruption);
  const [, fingerprint, type] = /^\d+ (SHA256:\S+) .*\(([\w-]+)\)$/m.exec(stdout) ?? [];
  if (!succeeded || fingerprint === undefined) throw failed(`${file} is no key of an authority: ${lastLine(stderr)}`);
  return { fingerprint, isRsa: type === "RSA" };
}

/**
 * Has ssh-keygen sign a certificate, for forwards and nothing else. The authority's private key stays where it is: in its
 * file, or, where the file is the public half, with the agent.
 *
 * @param file absolute path of the authority's key.
 */
export async function signCertificate(
  file: string,
  { isRsa }: Authority,
  request: CertificateRequest,
  interruption: AbortSignal,
): Promise<string> {
  const { publicKey, keyId, serial, principals, validity } = request;
  return inPrivateFolder(async (folder) => {
    const subject = join(folder, "subject.pub");
    await writeFile(subject, `${renderPublicKey(publicKey, keyId)}\n`);
    const { succeeded, stderr } = await keygen(
      [
        "-q",
        ...["-s", file, ...(file.endsWith(".pub") ? ["-U"] : [])],
        // With SHA-1, which ssh-keygen before 8.2 takes for RSA, sshd refuses it.
        ...(isRsa ? ["-t", "rsa-sha2-512"] : []),
        ...["-I", keyId, "-z", `${serial}`, "-n", principals.join(","), "-V", renderValidity(validity)],
        ...["-O", "clear", "-O", "permit-port-forwarding"],
        subject,
      ],
      interruption,
    );
    if (!succeeded) throw failed(`ssh-keygen did not sign it: ${lastLine(stderr)}`);
    return readFile(join(folder, "subject-cert.pub"), "utf8");
  });
}

async function keygen(args: readonly string[], interruption: AbortSignal): Promise<EndedProgram> {
  const ended = await runProgram("ssh-keygen", args, { input: "", env: { LC_ALL: "C", TZ: "UTC" }, interruption });
  if (ended === undefined) throw failed("ssh-keygen is not on the PATH; install OpenSSH (Debian: openssh-client)");
  return ended;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
