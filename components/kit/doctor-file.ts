import type { CertificateLogin } from "../core/certificate-login.ts";
import { quoteForShell } from "../core/ssh-command.ts";
import { CUSTOMER_DIAGNOSES, SSH_MESSAGES } from "./doctor/customer-diagnoses.ts";
import { type Diagnosis, DOCTOR_EXIT_CODES } from "./doctor/diagnosis.ts";
import { HOST_ALIAS, type KitFacts } from "./kit-facts.ts";
import type { KitFile } from "./kit-file.ts";
import { renderTemplate } from "./template.ts";

/** The program by which a customer finds out what is wrong, and whose side it is on. */
export function renderDoctorFile(facts: KitFacts): KitFile {
  const { client, host, sshPort, user, keyFile, fingerprints, certificates, tunnels } = facts;
  return {
    path: "doctor.sh",
    mode: 0o755,
    content: renderTemplate("doctor.sh", {
      client,
      host,
      keyFile: quoteForShell(keyFile),
      endpoint: quoteForShell(`${host} port ${sshPort}`),
      login: quoteForShell(`${user}@${host}`),
      alias: quoteForShell(HOST_ALIAS),
      fingerprints: quoteForShell(` ${fingerprints.join(" ")} `),
      authorities: quoteForShell(certificates === undefined ? "" : ` ${certificates.authorities.join(" ")} `),
      certificates: certificates === undefined ? "" : renderCertificateChecks(certificates),
      tunnels: tunnels
        .map(({ name, remoteForward, destination }) => `${name} ${listenOf(remoteForward.slice(0, -`:${destination}`.length))}`)
        .join("\n"),
      diagnoses: Object.entries(CUSTOMER_DIAGNOSES)
        .map(([name, diagnosis]) => renderDiagnosis(name, diagnosis, facts))
        .join("\n"),
      messages: SSH_MESSAGES.map(([text, name]) => `  *${quoteForShell(text)}*) diagnosis='${name}' ;;`).join("\n"),
      customerCode: `${DOCTOR_EXIT_CODES.customer}`,
      platformCode: `${DOCTOR_EXIT_CODES.platform}`,
      undecidedCode: `${DOCTOR_EXIT_CODES.undecided}`,
    }),
  };
}

/** What is looked at where the bastion takes certificates of this client. */
function renderCertificateChecks({ principals }: CertificateLogin): string {
  return renderTemplate("doctor-certificates.sh", { principals: quoteForShell(` ${principals.join(" ")} `) });
}

/** The listening side of a remote forward as `ssh -G` prints it: `[0.0.0.0]:15000`, or the port alone. */
function listenOf(listen: string): string {
  return listen.replace(/^(.+):(\d+)$/, "[$1]:$2");
}

function renderDiagnosis(name: string, { step, side, meaning, remedy }: Diagnosis, facts: KitFacts): string {
  const fill = (text: string) =>
    quoteForShell(text.replaceAll(/\{(host|sshPort|keyFile)\}/g, (_, fact: "host" | "sshPort" | "keyFile") => `${facts[fact]}`));
  return `  ${name})
    step=${quoteForShell(step)} side=${side}
    meaning=${fill(meaning)}
    remedy=${fill(remedy)} ;;`;
}
