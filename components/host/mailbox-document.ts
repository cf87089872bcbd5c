import { createHash } from "node:crypto";
import { gzipSync } from "fflate";
import type { HostFile } from "./file-set.ts";

/**
 * Compresses a document and makes it text: gzip, then base64. Not with Node's own zlib, whose output depends on the
 * machine and the release: the same text has to be the same bytes for whoever runs `pulumi up`.
 */
export function packDocument(text: string): string {
  return Buffer.from(gzipSync(Buffer.from(text, "utf8"), { level: 9, mtime: 0 })).toString("base64");
}

/** Cuts a packed document into parts that a cloud's store takes. There is always one. */
export function splitDocument(packed: string, partBytes: number): string[] {
  const count = Math.max(1, Math.ceil(packed.length / partBytes));
  return Array.from({ length: count }, (_, i) => packed.slice(i * partBytes, (i + 1) * partBytes));
}

/** Renders what says how many parts a document has and what the whole must hash to. A host takes nothing else for it. */
export function renderManifest(text: string, parts: number): string {
  return JSON.stringify({ version: 1, digest: createHash("sha256").update(text).digest("hex"), parts });
}

/** Renders a host file set as the document that a host installs. */
export function renderHostFiles(files: readonly HostFile[]): string {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return `${JSON.stringify({ version: 1, files: sorted.map(({ path, mode, content }) => ({ path, mode, content })) })}\n`;
}
