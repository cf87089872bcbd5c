import { lstatSync, readFileSync } from "node:fs";
import { chmod, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { refuseTakenPlace, type WritePrivateFileOptions } from "../private-file.ts";
import { inStage } from "../stage.ts";

const LONGEST_BYTES = 65_536;

/** Where ssh looks for the certificate of a key: beside it. */
export function certificateFileOf(publicKeyFile: string): string {
  return `${publicKeyFile.replace(/\.pub$/, "")}-cert.pub`;
}

/** Refuses a place that something else has than an earlier certificate, unless that is to be replaced. */
export function refuseOtherFile(file: string, { force }: { readonly force: boolean }): void {
  refuseTakenPlace(file, { force: force || isCertificate(file) });
}

/** Writes a certificate, which everybody may read: all of it or nothing. */
export async function writeCertificate(file: string, certificate: string, options: WritePrivateFileOptions): Promise<void> {
  await inStage(file, async (stage) => {
    const draft = join(stage, "file");
    await writeFile(draft, certificate);
    await chmod(draft, 0o644);
    options.interruption.throwIfAborted();
    refuseOtherFile(file, options);
    await rename(draft, file);
  });
}

function isCertificate(file: string): boolean {
  try {
    const found = lstatSync(file, { throwIfNoEntry: false });
    // Nothing that is longer is one, and it may be anything.
    if (!found?.isFile() || found.size > LONGEST_BYTES) return false;
    return /^[\w.@-]+-cert-v01@openssh\.com /.test(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "ENOTDIR") return false;
    throw error;
  }
}
