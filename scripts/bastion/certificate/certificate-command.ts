import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { CertificateLogin } from "../../../components/core/certificate-login.ts";
import { InvalidInputError } from "../../../components/core/problem.ts";
import { type PublicKey, parsePublicKey } from "../../../components/core/public-key.ts";
import { chooseClient, chooseConsumer } from "../choose-client.ts";
import { failed, notThere, wrongUsage } from "../command-failure.ts";
import { readStack } from "../stack-description.ts";
import { renderJson, type Terminal } from "../terminal.ts";
import { renderSignedCertificate, type SignedCertificate } from "./print-certificate.ts";
import { type Authority, readAuthority, signCertificate } from "./sign-certificate.ts";
import { parseValidFor } from "./validity.ts";
import { certificateFileOf, refuseOtherFile, writeCertificate } from "./write-certificate.ts";

interface CertificateOptions {
  readonly client?: string;
  readonly consumer?: string;
  readonly ca: string;
  readonly publicKey: string;
  readonly validFor: string;
  readonly serial?: string;
  readonly out?: string;
  readonly force?: true;
  readonly json?: true;
}

const LARGEST_SERIAL = 2n ** 64n - 1n;

/** `bastion certificate`: what a client logs in with for some hours. */
export function addCertificateCommand(program: Command, terminal: Terminal): void {
  program
    .command("certificate")
    .summary("sign a short-lived certificate for a client or consumer")
    .description(
      "Has ssh-keygen sign an OpenSSH certificate with an authority of the client's or consumer's: for its principals, for forwards only, and for some hours. The authority's private key stays where it is.",
    )
    .argument("[stack]", "stack of the customer; the one that is selected in this folder when left out")
    .option("--client <name>", "client who logs in with it")
    .option("--consumer <name>", "consumer who logs in with it")
    .requiredOption("--ca <file>", "private key of the authority; its .pub where the agent has the private key")
    .requiredOption("--public-key <file>", "public key that is signed")
    .option("--valid-for <time>", "how long it logs in: 90m, 8h, 1d", "8h")
    .option("--serial <number>", "its serial number; the time, in milliseconds, when left out")
    .option("--out <file>", "file to write; beside the public key as ssh looks for it when left out")
    .option("--force", "overwrite a file that is no certificate")
    .option("--json", "print what was signed as plain data")
    .addHelpText("after", "\nExample:\n  bastion certificate acme --client dc1 --ca ./acme-ca --public-key ./dc1.key.pub")
    .action(async (stack: string | undefined, options: CertificateOptions) => {
      const signed = await sign(terminal, stack, options);
      terminal.print(options.json ? renderJson(signed) : renderSignedCertificate(signed, terminal.emphasize));
    });
}

async function sign(terminal: Terminal, stackName: string | undefined, options: CertificateOptions): Promise<SignedCertificate> {
  const { folder, interruption } = terminal;
  const role = roleOf(options);
  const now = Date.now();
  const validity = parseValidFor(options.validFor, now);
  const serial = parseSerial(options.serial ?? `${now}`);
  const publicKey = readPublicKey(resolve(folder, options.publicKey));
  const out = options.out ?? certificateFileOf(options.publicKey);
  const file = resolve(folder, out);
  const how = { force: options.force ?? false, interruption };
  refuseOtherFile(file, how);

  const { stack, bastion } = await readStack(terminal, stackName);
  const peers = bastion[`${role}s`];
  const choose = role === "client" ? chooseClient : chooseConsumer;
  const name = choose(
    peers.map((peer) => peer.name),
    options[role],
  );
  const ca = resolve(folder, options.ca);
  const authority = await readAuthority(ca, interruption);
  const certificates = peers.find((peer) => peer.name === name)?.certificates;
  const { principals } = checkAuthority(`${role} ${name}`, certificates, authority, publicKey);

  const keyId = `${stack.slice(stack.lastIndexOf("/") + 1)}/${name}/${serial}`;
  const certificate = await signCertificate(ca, authority, { publicKey, keyId, serial, principals, validity }, interruption);
  await writeCertificate(file, certificate, how);
  return {
    stack,
    role,
    name,
    out,
    keyId,
    serial: `${serial}`,
    principals,
    validFrom: renderMoment(validity.from),
    validUntil: renderMoment(validity.until),
    fingerprint: publicKey.fingerprint,
    authority: authority.fingerprint,
  };
}

function roleOf({ client, consumer }: CertificateOptions): "client" | "consumer" {
  if ((client === undefined) === (consumer === undefined)) throw wrongUsage("name one: --client NAME or --consumer NAME");
  return client === undefined ? "consumer" : "client";
}

function parseSerial(text: string): bigint {
  if (!/^\d{1,20}$/.test(text) || BigInt(text) > LARGEST_SERIAL)
    throw wrongUsage(`--serial: got ${JSON.stringify(text)}; expected a whole number of at most 64 bits`);
  return BigInt(text);
}

function readPublicKey(file: string): PublicKey {
  try {
    return parsePublicKey(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof InvalidInputError) throw failed(`${file} ${error.message}`);
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw notThere(`there is no file ${file}, which is to have the public key`);
    throw error;
  }
}

/** The bastion would refuse what another authority signs, and nobody should find that out at a login. */
function checkAuthority(
  peer: string,
  certificates: CertificateLogin | undefined,
  authority: Authority,
  publicKey: PublicKey,
): CertificateLogin {
  if (certificates === undefined)
    throw failed(`${peer} has no certificate authority; write it into certificateAuthorities of the customer's file, and deploy that`);
  if (!certificates.authorities.includes(authority.fingerprint))
    throw failed(`${authority.fingerprint} is no authority of ${peer}; there is: ${certificates.authorities.join(", ")}`);
  if (publicKey.fingerprint === authority.fingerprint)
    throw failed(`the public key is the authority's own; name that of ${peer} with --public-key`);
  return certificates;
}

function renderMoment(moment: number): string {
  return new Date(moment).toISOString().replace(".000Z", "Z");
}
