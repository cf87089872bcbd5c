import { accessSync, constants } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { chooseOperator } from "../choose-client.ts";
import { notThere } from "../command-failure.ts";
import { BASTION } from "../invocation.ts";
import { inPrivateFolder } from "../key/private-folder.ts";
import type { StackDescription } from "../parse-outputs.ts";
import { privateKeyOf } from "../private-keys.ts";
import type { StackWithKeys } from "../stack-description.ts";
import type { OperatorLogin } from "./status-connection.ts";

export interface OperatorLoginOptions {
  /** Private key of an operator, where it is not in the stack. */
  readonly identity?: string | undefined;
  /**
   * Operator whose generated key is used.
   *
   * @default - the first whose key was generated
   */
  readonly operator?: string | undefined;
  /** Where the command was typed; a relative key file is there. */
  readonly folder: string;
}

/**
 * Lends the login of an operator: the key out of the stack, or a file, and the pinned host keys, in a folder that only we can
 * enter; afterwards that is gone.
 *
 * @throws CommandFailure where the bastion has no operator, or the key is somewhere else, and says what to do.
 */
export async function withOperatorLogin<T>(
  { description, keys }: StackWithKeys,
  { identity, operator, folder }: OperatorLoginOptions,
  work: (login: OperatorLogin) => Promise<T>,
): Promise<T> {
  refuseWithoutOperators(description);
  const { host, sshPort, statusPort, consumerUser: user, knownHosts, operators } = description.bastion;
  const names = operators.map(({ name }) => name);
  if (operator !== undefined) chooseOperator(names, operator);
  const given = identity === undefined ? undefined : readableFile(resolve(folder, identity));
  const generated = identity === undefined ? privateKeyOf(keys, "operator", operatorWithKey(description, operator)) : undefined;
  return inPrivateFolder(async (own) => {
    const [knownHostsFile, generatedFile] = [join(own, "known_hosts"), join(own, "operator.key")];
    await writeFile(knownHostsFile, knownHosts, { mode: 0o600 });
    if (generated !== undefined) await writeFile(generatedFile, generated, { mode: 0o600 });
    return work({ host, sshPort, statusPort, user, knownHostsFile, identityFile: given ?? generatedFile });
  });
}

function refuseWithoutOperators({ stack, bastion }: StackDescription): void {
  if (bastion.operators.length > 0) return;
  throw notThere(
    `the bastion has no operator, who may read its status; write one into the customer's file, and deploy it with: ${BASTION} up ${stack}\n  operators:\n    - { name: ops, generateKey: ed25519 }`,
  );
}

function operatorWithKey({ bastion, generatedKeys }: StackDescription, wanted: string | undefined): string {
  const asked = bastion.operators.map(({ name }) => name).filter((name) => wanted === undefined || name === wanted);
  const found = asked.find((name) => generatedKeys.operators.includes(name));
  if (found !== undefined) return found;
  throw notThere(
    `the key of operator ${asked.join(", ")} was imported, so it is not in the stack; give its private half with --identity FILE`,
  );
}

function readableFile(path: string): string {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw notThere(`the private key cannot be read: ${path}`);
  }
  return path;
}
