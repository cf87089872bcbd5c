import type { PartialSpec } from "./check-bastion.ts";
import type { Problem } from "./problem.ts";
import { asProblems, each } from "./problem-list.ts";
import { checkPublicKey, parsePublicKey } from "./public-key.ts";

/** Whoever has an admin's key has all rights on the machine: no client and no consumer may have the same one. */
export function checkKeysAreNotTheAdmins({ clients, consumers }: PartialSpec, adminKey: string | undefined): Problem[] {
  if (adminKey === undefined || checkPublicKey(adminKey) !== undefined) return [];
  const { blob } = parsePublicKey(adminKey);
  const check = (path: string, peers: typeof clients) =>
    each(path, peers, (peer) =>
      each("publicKeys", peer.publicKeys, (text) => {
        const isSame = checkPublicKey(text) === undefined && parsePublicKey(text).blob === blob;
        return asProblems("", isSame ? "is the admin's key too, which has all rights on the machine; use another one here" : undefined);
      }),
    );
  return [...check("clients", clients), ...check("consumers", consumers)];
}
