import { readFileSync } from "node:fs";
import { SSH_MESSAGES } from "./doctor/customer-diagnoses.ts";
import { type Diagnosis, DOCTOR_EXIT_CODES } from "./doctor/diagnosis.ts";
import { fillDiagnoses, listenersOf } from "./doctor/doctor-facts.ts";
import { CERTIFICATE_LINES, SSH_LINES } from "./doctor/ssh-log.ts";
import { HOST_ALIAS, type KitFacts } from "./kit-facts.ts";
import type { KitFile } from "./kit-file.ts";
import { quoteForPowerShell as quote } from "./quoting.ts";
import { fillTemplate } from "./template.ts";

/** The parts of the script, in their order; that of certificates is only in the kits of clients with an authority. */
const PARTS = ["begin", "files", "connection", "certificates", "login", "binds", "walk"];

/**
 * The program by which a customer finds out what is wrong, and whose side it is on, for Windows PowerShell 5.1 and PowerShell 7.
 *
 * It is ASCII and has no byte order mark: without one, 5.1 takes a file to be in the encoding of its machine, and all of them have ASCII.
 */
export function renderPowerShellDoctorFile(facts: KitFacts): KitFile {
  const { client, host, sshPort, user, keyFile, fingerprints, certificates } = facts;
  const parts = PARTS.filter((part) => part !== "certificates" || certificates !== undefined);
  const template = parts.map((part) => readFileSync(new URL(`./templates/windows/doctor/${part}.ps1`, import.meta.url), "utf8")).join("\n");
  return {
    path: "doctor.ps1",
    mode: 0o644,
    content: fillTemplate("doctor.ps1", template, {
      client,
      host,
      keyFile: quote(keyFile),
      endpoint: quote(`${host} port ${sshPort}`),
      login: quote(`${user}@${host}`),
      alias: HOST_ALIAS,
      fingerprints: renderList(fingerprints),
      authorities: renderList(certificates?.authorities ?? []),
      ...(certificates !== undefined && {
        principals: renderList(certificates.principals),
        certificateLines: renderLines(CERTIFICATE_LINES),
      }),
      tunnels: renderRows(listenersOf(facts).map(({ name, listen }) => `@{ Name = ${quote(name)}; Listen = ${quote(listen)} }`)),
      diagnoses: renderRows(Object.entries(fillDiagnoses(facts, COMMANDS)).map(([name, diagnosis]) => renderDiagnosis(name, diagnosis))),
      messages: renderRows(SSH_MESSAGES.map(([text, name]) => `@{ Text = ${quote(text)}; Diagnosis = ${quote(name)} }`)),
      lines: renderLines(SSH_LINES),
      customerCode: `${DOCTOR_EXIT_CODES.customer}`,
      platformCode: `${DOCTOR_EXIT_CODES.platform}`,
      undecidedCode: `${DOCTOR_EXIT_CODES.undecided}`,
    }),
  };
}

const COMMANDS = { doctor: "doctor.ps1", test: `ssh -v -N -T -F ssh_config ${HOST_ALIAS}` };

function renderList(texts: readonly string[]): string {
  return texts.map(quote).join(", ");
}

function renderLines(lines: Readonly<Record<string, RegExp>>): string {
  return renderRows(Object.entries(lines).map(([name, { source }]) => `${name} = ${quote(source)}`));
}

function renderRows(rows: readonly string[]): string {
  return rows.map((row) => `    ${row}`).join("\n");
}

function renderDiagnosis(name: string, { step, side, meaning, remedy }: Diagnosis): string {
  const fields = [`Step = ${quote(step)}; Side = ${quote(side)}`, `Meaning = ${quote(meaning)}`, `Remedy = ${quote(remedy)}`];
  return `${quote(name)} = @{\n${fields.map((field) => `        ${field}\n`).join("")}    }`;
}
