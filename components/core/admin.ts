import type { PartialSpec } from "./check-bastion.ts";
import { DEFAULTS } from "./defaults.ts";
import { type Problem, quoteForMessage } from "./problem.ts";
import { asProblems, each } from "./problem-list.ts";
import { checkPublicKey, parsePublicKey } from "./public-key.ts";

/** Whoever has an admin's key has all rights on the machine: nobody else may have the same one. */
export function checkKeysAreNotTheAdmins({ clients, consumers, operators }: PartialSpec, adminKey: string | undefined): Problem[] {
  if (adminKey === undefined || checkPublicKey(adminKey) !== undefined) return [];
  const { blob } = parsePublicKey(adminKey);
  const check = (path: string, peers: typeof clients) =>
    each(path, peers, (peer) =>
      each("publicKeys", peer.publicKeys, (text) => {
        const isSame = checkPublicKey(text) === undefined && parsePublicKey(text).blob === blob;
        return asProblems("", isSame ? "is the admin's key too, which has all rights on the machine; use another one here" : undefined);
      }),
    );
  return [...check("clients", clients), ...check("consumers", consumers), ...check("operators", operators)];
}

/** The admin's user has a shell and all rights: it can be neither the clients' nor the consumers'. */
export function checkUsersAreNotTheAdmins(bastion: PartialSpec, adminUser: string | undefined): Problem[] {
  return (["tunnelUser", "consumerUser"] as const).flatMap((path) => {
    const user = bastion[path] ?? DEFAULTS[path];
    return user === adminUser ? [{ path, reason: `${quoteForMessage(user)} is the admin's user too; give one of them another name` }] : [];
  });
}
