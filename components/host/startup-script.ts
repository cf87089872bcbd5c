import { readFileSync } from "node:fs";
import { bootFiles, MACHINE_FILE } from "./boot-files.ts";
import { packDocument } from "./mailbox-document.ts";
import { Unit } from "./units.ts";

/** What a machine on GCP has to know before it can read anything else. */
export interface GcpMachine {
  readonly project: string;
  /** Id of the secret with its host keys. */
  readonly secret: string;
}

/**
 * Renders the startup script of a machine on GCP, whose images have no cloud-init: the programs that fetch everything
 * else, and what starts them. It holds neither keys nor secrets, and depends on nothing that changes.
 */
export function renderStartupScript({ project, secret }: GcpMachine): string {
  const files = [...bootFiles("metadata_store.py"), { path: MACHINE_FILE, content: JSON.stringify({ cloud: "gcp", project, secret }) }].map(
    ({ path, content }) => `install_file ${path} <<END\n${packDocument(content)}\nEND`,
  );
  const values: Readonly<Record<string, string>> = { unit: Unit.Sync, files: files.join("\n") };
  const script = readFileSync(new URL("./startup-script.sh", import.meta.url), "utf8");
  return script.replaceAll(/@(unit|files)@/g, (_placeholder, name: string) => values[name] ?? "");
}
