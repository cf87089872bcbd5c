import type { Bastion } from "../core/bastion.ts";
import { loginUsersOf } from "../core/key-set.ts";
import { packDocument, renderHostFiles } from "../host/mailbox-document.ts";
import { renderVirtualMachine, type VirtualMachineOptions } from "../host/virtual-machine.ts";
import { type BastionParts, keySetOf } from "./bastion-parts.ts";
import { packedKeySetBytes } from "./key-set-size.ts";
import type { DocumentPlan } from "./mailbox-parts.ts";

/** What the machine of a bastion reads from its cloud's store, as far as it is known before anything is made. */
export interface MailboxPlan {
  readonly hostFiles: string;
  readonly packedFiles: string;
  /** How large the packed key set is at the most. */
  readonly keySetBytes: number;
}

/** Plans the mailbox of a bastion on a machine. */
export function planMailbox(bastion: Bastion, machine: VirtualMachineOptions): MailboxPlan {
  const hostFiles = renderHostFiles(renderVirtualMachine(bastion, machine));
  return { hostFiles, packedFiles: packDocument(hostFiles), keySetBytes: packedKeySetBytes(bastion, loginUsersOf(bastion)) };
}

/** The documents of a mailbox: its files, and who may log in. */
export function documentsOf(
  bastion: Bastion,
  parts: BastionParts,
  { hostFiles, packedFiles, keySetBytes }: MailboxPlan,
): { readonly hostFiles: DocumentPlan; readonly keySet: DocumentPlan } {
  const keys = keySetOf(bastion, parts, loginUsersOf(bastion));
  return {
    hostFiles: { role: "host-files", document: hostFiles, packed: packedFiles, packedBytes: packedFiles.length },
    keySet: { role: "key-set", document: keys, packed: keys.apply(packDocument), packedBytes: keySetBytes },
  };
}
