import { quoteForShell } from "../../../components/core/ssh-command.ts";
import { BASTION } from "../invocation.ts";
import type { Emphasize } from "../terminal.ts";
import { Outcome, type Rotated } from "./outcome.ts";

/** How far it is as plain data. */
export function describeRotated(rotated: Rotated) {
  const { stack, subject, outcome, reasons } = rotated;
  const { kind, name } = subject;
  return { stack, kind, ...(name === undefined ? {} : { name }), outcome, reasons, next: nextCommands(rotated) };
}

/** Renders for a person how far it is, and who does what next. */
export function renderRotated(rotated: Rotated, emphasize: Emphasize): string {
  const { title, stack, reasons } = rotated;
  const heading = emphasize("bold", `${capitalize(title)} of ${stack}: ${headingOf(rotated)}`);
  const lines = [...explanationOf(rotated), ...reasons].map((line) => `  ${line}\n`);
  const commands = nextCommands(rotated);
  return `${heading}\n${lines.join("")}${commands.length === 0 ? "" : `Next:\n${commands.map((command) => `  ${command}\n`).join("")}`}`;
}

function headingOf({ outcome, subject }: Rotated): string {
  switch (outcome) {
    case "begun":
    case "waiting":
      return `${outcome}, ${subject.kind === "host" ? "the next ones are announced" : "both keys are accepted"}`;
    case "finished":
      return "finished, the old ones are gone";
    case "abandoned":
      return "abandoned, the new ones are gone";
    case "nothing":
      return "nothing to do";
  }
}

function explanationOf({ outcome, subject, isGenerated }: Rotated): string[] {
  if (subject.kind === "host") return outcome === Outcome.Begun ? HOST_KEYS_BEGUN : outcome === Outcome.Finished ? HOST_KEYS_FINISHED : [];
  if (outcome !== Outcome.Begun) return [];
  return isGenerated
    ? ["Hand the new key over, and have it take the old one's place; then the same command finishes."]
    : ["Have the owner change over to the new key; then the same command finishes."];
}

const HOST_KEYS_BEGUN = [
  "OpenSSH clients with UpdateHostKeys learn the next host keys at their next login.",
  "Everybody else needs the new known_hosts before it is finished: send their kits anew.",
];
const HOST_KEYS_FINISHED = ["Whoever has not learned the new keys is refused, and needs the new known_hosts: send their kits anew."];

function nextCommands({ stack, subject, isGenerated, outcome }: Rotated): string[] {
  const { kind, name } = subject;
  const again = `${BASTION} rotate ${stack} ${kind === "host" ? "--host-key" : `--${kind} ${name}`}${subject.publicKeyFile === undefined ? "" : ` --public-key ${quoteForShell(subject.publicKeyFile)}`}`;
  const isUnderWay = outcome === Outcome.Begun || outcome === Outcome.Waiting;
  if (kind === "host") {
    const kit = `${BASTION} kit ${stack} --client NAME`;
    if (outcome === Outcome.Finished) return [kit];
    return isUnderWay ? [kit, again] : [];
  }
  if (!isUnderWay) return [];
  return isGenerated ? [`${BASTION} key ${stack} --${kind} ${name} --recipient RECIPIENT --out ${name}.key.age`, again] : [again];
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
