import * as pulumi from "@pulumi/pulumi";
import { renderManifest, splitDocument } from "../host/mailbox-document.ts";

/** What stands in a part that is not needed at the moment: not every store takes an empty value. */
const UNUSED = "-";

/** A document that goes into a cloud's store. */
export interface DocumentPlan {
  /** Its folder in the store. */
  readonly role: string;
  readonly document: pulumi.Input<string>;
  readonly packed: pulumi.Input<string>;
  /** How large it is at the most, packed: how many parts there are cannot depend on what a preview does not know. */
  readonly packedBytes: number;
}

/** A document as a store holds it. */
export interface MailboxParts {
  readonly parts: readonly pulumi.Output<string>[];
  readonly manifest: pulumi.Output<string>;
}

/** Cuts a document into as many parts as it may need. */
export function planParts({ role, document, packed, packedBytes }: DocumentPlan, partBytes: number, parent: pulumi.Resource): MailboxParts {
  const partCount = Math.ceil(packedBytes / partBytes);
  const parts = pulumi.output(packed).apply((text) => splitDocument(text, partBytes));
  const manifest = pulumi.all([document, parts]).apply(([content, all]) => {
    if (all.length > partCount) throw new pulumi.ResourceError(`${role}: ${all.length} parts, and room was made for ${partCount}`, parent);
    return renderManifest(content, all.length);
  });
  return { parts: Array.from({ length: partCount }, (_, i) => parts.apply((all) => all[i] ?? UNUSED)), manifest };
}
