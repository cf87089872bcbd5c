import type * as pulumi from "@pulumi/pulumi";
import type { Bastion } from "../core/bastion.ts";
import { GCP_DEFAULTS } from "../core/gcp/gcp-defaults.ts";
import type { GcpSpec } from "../core/gcp/gcp-spec.ts";
import { InvalidInputError } from "../core/problem.ts";
import type { BastionParts } from "../shared/bastion-parts.ts";
import { renderTooManyKeys } from "../shared/key-set-size.ts";
import { planParts } from "../shared/mailbox-parts.ts";
import { documentsOf, type MailboxPlan, planMailbox } from "../shared/mailbox-plan.ts";
import type { GcpScope } from "./gcp-scope.ts";

/** A value may have 256 KB. */
const VALUE_BYTES = 250_000;
/** All of an instance's metadata may have 512 KB, and the startup script and an admin's settings are in it too. */
const METADATA_BYTES = 512_000 - 64_000;

/** Plans the mailbox of a bastion. Knows before anything is made whether it will all go in. */
export function planMetadata(bastion: Bastion, spec: GcpSpec): MailboxPlan {
  const plan = planMailbox(bastion, {
    image: spec.image ?? GCP_DEFAULTS.image,
    adminSshd: spec.admin !== undefined,
    ipv6: false,
  });
  const room = METADATA_BYTES - plan.packedFiles.length;
  if (plan.keySetBytes > room) throw new InvalidInputError([{ path: "clients", reason: renderTooMany(bastion, plan.keySetBytes, room) }]);
  return plan;
}

function renderTooMany(bastion: Bastion, bytes: number, room: number): string {
  const [taken, left] = [bytes, room].map((count) => `${Math.ceil(count / 1000)} KB`) as [string, string];
  return renderTooManyKeys(bastion, taken, `a machine's metadata has room for ${left} of them`);
}

/** What the machine of a bastion reads, as entries of its metadata: they change in place. No secret is among them. */
export function renderMailbox({ bastion, parent }: GcpScope, parts: BastionParts, plan: MailboxPlan): Record<string, pulumi.Input<string>> {
  const documents = Object.fromEntries(
    Object.values(documentsOf(bastion, parts, plan)).flatMap((document) => {
      const { parts: values, manifest } = planParts(document, VALUE_BYTES, parent);
      const entries = values.map((value, i): [string, pulumi.Output<string>] => [`reverse-bastion-${document.role}-${i + 1}`, value]);
      return [...entries, [`reverse-bastion-${document.role}-manifest`, manifest]];
    }),
  );
  return { ...documents, "reverse-bastion-host-keys-manifest": parts.hostKeys.manifest };
}
