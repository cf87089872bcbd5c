/** What ssh says where a login or the way to the status port fails, and what that means here. */
const MEANINGS: readonly (readonly [words: RegExp, meaning: string])[] = [
  [/Host key verification failed/, "its host key is not the pinned one; bastion doctor says more"],
  [/UNPROTECTED PRIVATE KEY|Load key|no such identity/i, "the private key cannot be used"],
  [/Permission denied/, "it does not take the operator's key: not one of its operators, expired, or refused for this address"],
  [/administratively prohibited/, "the key may not read the status: it is not an operator's"],
  [/open failed: connect failed/, "nobody serves its status: its supervisor does not run, or another program has the status port"],
];

/** Says why a bastion could not be asked, out of what ssh printed. */
export function explainSshFailure(said: string): string {
  const meaning = MEANINGS.find(([words]) => words.test(said))?.[1];
  if (meaning !== undefined) return meaning;
  const lines = said.split("\n").flatMap((line) => line.replaceAll(/\p{Cc}+/gu, " ").trim() || []);
  return lines.at(-1) ?? "the connection has ended";
}
