import type { KitFacts } from "../kit-facts.ts";
import { CUSTOMER_DIAGNOSES, type CustomerDiagnosis } from "./customer-diagnoses.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** What a customer types: the doctor, and what makes ssh say the most. */
export interface DoctorCommands {
  readonly doctor: string;
  readonly test: string;
}

/** What a doctor says of each fault, with the words of a kit. */
export function fillDiagnoses(facts: KitFacts, commands: DoctorCommands): Readonly<Record<CustomerDiagnosis, Diagnosis>> {
  const words = { ...facts, ...commands };
  const fill = (text: string) =>
    text.replaceAll(
      /\{(host|sshPort|keyFile|doctor|test)\}/g,
      (_, word: "host" | "sshPort" | "keyFile" | "doctor" | "test") => `${words[word]}`,
    );
  const filled = Object.entries(CUSTOMER_DIAGNOSES).map(([name, { step, side, meaning, remedy }]) => [
    name,
    { step, side, meaning: fill(meaning), remedy: fill(remedy) },
  ]);
  return Object.fromEntries(filled);
}

/** Each tunnel with its listening side as `ssh -G` prints it: `[0.0.0.0]:15000`, or the port alone. */
export function listenersOf({ tunnels }: KitFacts): readonly { readonly name: string; readonly listen: string }[] {
  return tunnels.map(({ name, remoteForward, destination }) => ({
    name,
    listen: remoteForward.slice(0, -`:${destination}`.length).replace(/^(.+):(\d+)$/, "[$1]:$2"),
  }));
}
