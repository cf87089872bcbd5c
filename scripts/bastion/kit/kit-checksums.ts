import { createHash } from "node:crypto";
import type { KitFile } from "../../../components/kit/kit-file.ts";

/** The file by which a customer checks that a kit has arrived whole, and we know a kit from somebody's own files. */
export const CHECKSUMS = "kit.sha256";

/** SHA-256 of each file, by its path. */
export type Checksums = ReadonlyMap<string, string>;

/** Adds the file for `sha256sum -c kit.sha256`. */
export function withChecksums(files: readonly KitFile[]): readonly KitFile[] {
  const lines = files.map(({ path, content }) => `${sha256(content)}  ${path}\n`);
  return [...files, { path: CHECKSUMS, mode: 0o644, content: lines.join("") }];
}

/** Reads what `sha256sum -c` reads; `undefined` for anything that no kit of ours has. */
export function parseChecksums(text: string): Checksums | undefined {
  const lines = text.split("\n").slice(0, -1);
  const entries = lines.map((line) => /^([0-9a-f]{64}) {2}((?!\.\.?\/)[\w.-]+(?:\/(?!\.\.?(?:\/|$))[\w.-]+)*)$/.exec(line));
  const checksums = new Map(entries.flatMap((entry) => (entry === null ? [] : [[`${entry[2]}`, `${entry[1]}`]])));
  return lines.length > 0 && checksums.size === lines.length && text.endsWith("\n") ? checksums : undefined;
}

export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
