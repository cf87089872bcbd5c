import type * as pulumi from "@pulumi/pulumi";
import type { Bastion } from "../core/bastion.ts";
import { GCP_DEFAULTS } from "../core/gcp/gcp-defaults.ts";
import type { GcpSpec } from "../core/gcp/gcp-spec.ts";
import type { LoginUsers } from "../core/key-set.ts";
import { InvalidInputError } from "../core/problem.ts";
import { packDocument, renderHostFiles } from "../host/mailbox-document.ts";
import { renderVirtualMachine } from "../host/virtual-machine.ts";
import { type BastionParts, keySetOf } from "../shared/bastion-parts.ts";
import { HOST_KEY_FILES } from "../shared/host-keys.ts";
import { packedKeySetBytes } from "../shared/key-set-size.ts";
import { planParts } from "../shared/mailbox-parts.ts";
import type { GcpScope } from "./gcp-scope.ts";

/** A value may have 256 KB. */
const VALUE_BYTES = 250_000;
/** All of an instance's metadata may have 512 KB, and the startup script and an admin's settings are in it too. */
const METADATA_BYTES = 512_000 - 64_000;

/** What goes into the metadata of a bastion's machine, and how large it is at the most. */
export interface MailboxPlan {
  readonly users: LoginUsers;
  readonly hostFiles: string;
  readonly packedFiles: string;
  readonly keySetBytes: number;
}

/** Plans the mailbox of a bastion. Knows before anything is made whether it will all go in. */
export function planMailbox(bastion: Bastion, spec: GcpSpec): MailboxPlan {
  const users = { tunnel: bastion.tunnelUser, consumer: bastion.consumerUser };
  const hostFiles = renderHostFiles(
    renderVirtualMachine(bastion, {
      image: spec.image ?? GCP_DEFAULTS.image,
      hostKeyFiles: HOST_KEY_FILES,
      adminSshd: spec.admin !== undefined,
      ipv6: false,
    }),
  );
  const plan = { users, hostFiles, packedFiles: packDocument(hostFiles), keySetBytes: packedKeySetBytes(bastion, users) };
  const room = METADATA_BYTES - plan.packedFiles.length;
  if (plan.keySetBytes > room) throw new InvalidInputError([{ path: "clients", reason: renderTooMany(bastion, plan.keySetBytes, room) }]);
  return plan;
}

function renderTooMany({ clients, consumers }: Bastion, bytes: number, room: number): string {
  const [kilobytes, roomKilobytes] = [bytes, room].map((count) => Math.ceil(count / 1000));
  return (
    `the keys of ${clients.length} clients and ${consumers.length} consumers take ${kilobytes} KB, and a machine's metadata has room for ` +
    `${roomKilobytes} KB of them; spread them over several bastions, or use Ed25519 keys, which are the smallest`
  );
}

/** What the machine of a bastion reads, as entries of its metadata: they change in place. No secret is among them. */
export function renderMailbox(
  { bastion, parent }: GcpScope,
  parts: BastionParts,
  { users, hostFiles, packedFiles, keySetBytes }: MailboxPlan,
): Record<string, pulumi.Input<string>> {
  const keys = keySetOf(bastion, parts, users);
  const documents = [
    { role: "host-files", document: hostFiles, packed: packedFiles, packedBytes: packedFiles.length },
    { role: "key-set", document: keys, packed: keys.apply(packDocument), packedBytes: keySetBytes },
  ];
  return Object.fromEntries(
    documents.flatMap((plan) => {
      const { parts: values, manifest } = planParts(plan, VALUE_BYTES, parent);
      const entries = values.map((value, i): [string, pulumi.Output<string>] => [`reverse-bastion-${plan.role}-${i + 1}`, value]);
      return [...entries, [`reverse-bastion-${plan.role}-manifest`, manifest]];
    }),
  );
}
