import { parsePublicKey } from "../../../components/core/public-key.ts";
import type { Key } from "../../../stacks/read-yaml.ts";
import { addItem, removeField, removeItem, setField } from "./edit-yaml.ts";
import type { HostKeysInFile, PeerInFile } from "./keys-in-file.ts";

/** A text of a customer's file in which one change has been made, and every other byte is as it was. */
export type Edit = (text: string) => string;

/** The changes of the file that a rotation consists of. */
export interface RotationEdits {
  /** The new key is accepted beside the old one. */
  readonly begin: Edit;
  /** The new key alone. */
  readonly finish: Edit;
  /** The old key alone, as before. */
  readonly abandon: Edit;
}

/** Changes of a generated key. */
export function editsOfGeneratedKey({ role, index, keyGeneration }: PeerInFile): RotationEdits {
  const peer: readonly Key[] = [`${role}s`, index];
  return {
    begin: (text) =>
      setField(setField(text, peer, "keyGeneration", keyGeneration + 1, "generateKey"), peer, "keepPreviousKey", true, "keyGeneration"),
    finish: (text) => removeField(text, peer, "keepPreviousKey"),
    abandon: (text) => countDown(removeField(text, peer, "keepPreviousKey"), peer, "keyGeneration", keyGeneration - 1),
  };
}

/**
 * Changes of an imported key.
 *
 * @param publicKey the new one, as it is to stand in the file.
 */
export function editsOfImportedKey({ role, index, publicKeys }: PeerInFile, publicKey: string): RotationEdits {
  const list: readonly Key[] = [`${role}s`, index, "publicKeys"];
  const { fingerprint } = parsePublicKey(publicKey);
  const place = publicKeys.indexOf(fingerprint);
  const others = publicKeys.flatMap((key, at) => (key === fingerprint ? [] : [at]));
  return {
    begin: (text) => addItem(text, list, publicKey),
    finish: (text) => others.toReversed().reduce((rest, at) => removeItem(rest, list, at), text),
    abandon: (text) => removeItem(text, list, place),
  };
}

/** Changes of the host keys. */
export function editsOfHostKeys({ generation }: HostKeysInFile): RotationEdits {
  return {
    begin: (text) => setField(text, [], "announceNextHostKeys", true, "target"),
    finish: (text) => removeField(setField(text, [], "hostKeyGeneration", generation + 1, "target"), [], "announceNextHostKeys"),
    abandon: (text) => removeField(text, [], "announceNextHostKeys"),
  };
}

/** The first generation is not counted in the file, as before there was a second. */
function countDown(text: string, mapping: readonly Key[], field: string, generation: number): string {
  return generation === 1 ? removeField(text, mapping, field) : setField(text, mapping, field, generation, field);
}
