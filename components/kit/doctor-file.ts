import type { CertificateLogin } from "../core/certificate-login.ts";
import { quoteForShell } from "../core/ssh-command.ts";
import { SSH_MESSAGES } from "./doctor/customer-diagnoses.ts";
import { type Diagnosis, DOCTOR_EXIT_CODES } from "./doctor/diagnosis.ts";
import { fillDiagnoses, listenersOf } from "./doctor/doctor-facts.ts";
import { HOST_ALIAS, type KitFacts } from "./kit-facts.ts";
import type { KitFile } from "./kit-file.ts";
import { renderTemplate } from "./template.ts";

/** The program by which a customer finds out what is wrong, and whose side it is on, for a POSIX shell. */
export function renderDoctorFile(facts: KitFacts): KitFile {
  const { client, host, sshPort, user, keyFile, fingerprints, certificates } = facts;
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
      tunnels: listenersOf(facts)
        .map(({ name, listen }) => `${name} ${listen}`)
        .join("\n"),
      diagnoses: Object.entries(fillDiagnoses(facts, { doctor: "doctor.sh", test: "sh connect.sh --test" }))
        .map(([name, diagnosis]) => renderDiagnosis(name, diagnosis))
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

function renderDiagnosis(name: string, { step, side, meaning, remedy }: Diagnosis): string {
  return `  ${name})
    step=${quoteForShell(step)} side=${side}
    meaning=${quoteForShell(meaning)}
    remedy=${quoteForShell(remedy)} ;;`;
}
