import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";

/** Reads a document out of parameters as the machine does: the parts that the manifest names, unpacked, by its digest. */
export function documentIn(parameters: Readonly<Record<string, string>>, role: string): string {
  const { version, digest, parts } = JSON.parse(parameters[`${role}/manifest`] ?? "") as { version: 1; digest: string; parts: number };
  if (version !== 1) throw new Error(`${role} has version ${version}`);
  const packed = Array.from({ length: parts }, (_, i) => {
    const part = parameters[`${role}/${i + 1}`];
    if (part === undefined) throw new Error(`${role} lacks part ${i + 1} of ${parts}`);
    return part;
  });
  const document = gunzipSync(Buffer.from(packed.join(""), "base64")).toString("utf8");
  if (createHash("sha256").update(document).digest("hex") !== digest) throw new Error(`${role} is not what its manifest says`);
  return document;
}
