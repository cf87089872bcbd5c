import type { KitFile } from "../../../components/kit/kit-file.ts";
import { BASTION } from "../invocation.ts";
import { indent, renderTable } from "../table.ts";
import type { Emphasize } from "../terminal.ts";
import type { KitOutcome } from "./write-kit.ts";

/** What `bastion kit` has done. */
export interface WrittenKit {
  readonly stack: string;
  readonly customer: string;
  readonly client: string;
  /** Folder or archive, as it was named. */
  readonly out: string;
  readonly outcome: KitOutcome;
  readonly files: readonly KitFile[];
  /** What the customer puts beside the files, and the kit never has. */
  readonly keyFile: string;
  /** Whether that key was made with the bastion, and is in its stack. */
  readonly isKeyGenerated: boolean;
}

/** Renders what was written, and what is left to do, for a person. */
export function renderWrittenKit(kit: WrittenKit, emphasize: Emphasize): string {
  const { customer, client, out, outcome, files, keyFile } = kit;
  const list = renderTable(files.map(({ path, content, mode }) => [path, mode.toString(8), `${Buffer.byteLength(content)} bytes`]));
  return `${emphasize("bold", `Kit for ${client} of ${customer}: ${out}`)} ${emphasize(outcome === "unchanged" ? "dim" : "green", outcome)}
${indent(outcome === "unchanged" ? "" : list)}
The customer begins with index.html. The private key is not in the kit; it goes beside the files as ${keyFile}.
${indent(whereTheKeyIs(kit))}`;
}

function whereTheKeyIs({ stack, client, isKeyGenerated }: WrittenKit): string {
  if (!isKeyGenerated) return `The customer has it: only its public half was imported for ${client}.\n`;
  return `It is in the stack; deliver it separately, encrypted for whoever gets it:\n${BASTION} key ${stack} --client ${client} --recipient RECIPIENT --out ${client}.key.age\n`;
}

/** What was written as plain data. */
export function describeWrittenKit({ files, ...kit }: WrittenKit) {
  return {
    ...kit,
    files: files.map(({ path, content, mode }) => ({ path, mode: mode.toString(8).padStart(4, "0"), bytes: Buffer.byteLength(content) })),
  };
}
