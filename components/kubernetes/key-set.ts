import * as kubernetes from "@pulumi/kubernetes";
import type { Bastion } from "../core/bastion.ts";
import { type LoginUsers, loginUsersOf } from "../core/key-set.ts";
import { InvalidInputError } from "../core/problem.ts";
import { packDocument } from "../host/mailbox-document.ts";
import { KeySetFile } from "../host/pod.ts";
import { type BastionParts, keySetOf } from "../shared/bastion-parts.ts";
import { packedKeySetBytes, plainKeySetBytes, renderTooManyKeys } from "../shared/key-set-size.ts";
import { transformed } from "../shared/transform.ts";
import { type KubernetesScope, metadataOf } from "./kubernetes-scope.ts";

/** All values of a ConfigMap together may have 1 MiB. */
const CONFIG_MAP_BYTES = 2 ** 20;

/** How a key set goes into its ConfigMap. */
export interface KeySetPlan {
  readonly users: LoginUsers;
  /** A file that people can read is better, as long as there is room for it. */
  readonly file: (typeof KeySetFile)[keyof typeof KeySetFile];
}

/** Plans the mailbox of a bastion. Knows before anything is made whether it will all go in. */
export function planKeySet(bastion: Bastion): KeySetPlan {
  const users = loginUsersOf(bastion);
  if (plainKeySetBytes(bastion, users) <= CONFIG_MAP_BYTES) return { users, file: KeySetFile.Plain };
  // Base64 is only how it travels: what counts are the bytes.
  const bytes = Math.ceil((packedKeySetBytes(bastion, users) * 3) / 4);
  if (bytes > CONFIG_MAP_BYTES) {
    const room = `a ConfigMap has room for ${CONFIG_MAP_BYTES / 1024} KiB`;
    throw new InvalidInputError([{ path: "clients", reason: renderTooManyKeys(bastion, `${Math.ceil(bytes / 1024)} KiB`, room) }]);
  }
  return { users, file: KeySetFile.Packed };
}

/**
 * Puts the key set where the running pod sees it change. The name never changes, so that nothing else has to: other keys
 * are another content of this one object. Where the provider replaces it instead, a pod keeps what it has meanwhile.
 */
export function createKeySet(scope: KubernetesScope, parts: BastionParts, { users, file }: KeySetPlan): kubernetes.core.v1.ConfigMap {
  const { name, names, bastion, transforms, parent } = scope;
  const keySet = keySetOf(bastion, parts, users);
  const content = file === KeySetFile.Plain ? { data: { [file]: keySet } } : { binaryData: { [file]: keySet.apply(packDocument) } };
  return new kubernetes.core.v1.ConfigMap(
    `${name}-key-set`,
    ...transformed(transforms.configMap, { metadata: metadataOf(scope, names.keySet), ...content }, { parent }),
  );
}
