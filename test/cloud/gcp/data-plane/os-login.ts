import type { OsLoginUser } from "../control-plane/seeds.ts";
import type { MetadataFolder } from "./metadata-tree.ts";

/** What the metadata service says of those who log in by OS Login: of all, or of the one that is asked about. */
export function osLoginFolder(users: readonly OsLoginUser[], username: string | null): MetadataFolder {
  const found = users.filter((user) => username === null || user.username === username);
  return { users: () => JSON.stringify({ loginProfiles: found.map(profile) }) };
}

function profile({ username, uid, publicKeys, isAdmin }: OsLoginUser) {
  return {
    name: `${uid}`,
    posixAccounts: [{ primary: true, username, uid: `${uid}`, gid: `${uid}`, homeDirectory: `/home/${username}`, shell: "/bin/bash" }],
    sshPublicKeys: Object.fromEntries(publicKeys.map((key, index) => [`${index}`, { key }])),
    // The service answers this to a question of its own, `authorize`.
    isAdmin,
  };
}
