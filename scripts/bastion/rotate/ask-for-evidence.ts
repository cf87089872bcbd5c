import { CommandFailure } from "../command-failure.ts";
import type { StackWithKeys } from "../stack-description.ts";
import { fetchStatus } from "../status/fetch-status.ts";
import { withOperatorLogin } from "../status/operator-login.ts";
import type { Terminal } from "../terminal.ts";
import { type Evidence, failedEvidence, noEvidence } from "./evidence.ts";
import type { Rotation, Subject } from "./rotation.ts";

export interface AskOptions {
  readonly subject: Subject;
  /** Private key of an operator, where it is not in the stack. */
  readonly identity: string | undefined;
}

/** Reads the bastion's status, as far as there is an operator to read it, and judges by it who uses which key. */
export async function askForEvidence(
  { folder, interruption }: Terminal,
  deployed: StackWithKeys,
  { judge }: Rotation,
  { subject, identity }: AskOptions,
): Promise<Evidence> {
  const { bastion, generatedKeys, stack } = deployed.description;
  const rotated = subject.kind === "operator" ? subject.name : undefined;
  const own = generatedKeys.operators;
  // Whose key is changed is better asked about by somebody else.
  const operator = own.find((name) => name !== rotated) ?? own[0];
  if (bastion.operators.length === 0)
    return noEvidence(
      `stack ${stack} has no operator to read the bastion's status, so nobody can tell who uses which key: finish with --finish, once you know`,
    );
  if (operator === undefined && identity === undefined)
    return noEvidence("the operators' keys are imported: give one with --identity, or finish with --finish, once you know");
  const isAskedWithOwnKey = rotated !== undefined && (identity !== undefined || operator === rotated);
  try {
    const options = { folder, identity, operator: identity === undefined ? operator : undefined };
    return judge(await withOperatorLogin(deployed, options, (login) => fetchStatus(login, interruption)), isAskedWithOwnKey);
  } catch (error) {
    interruption.throwIfAborted();
    if (!(error instanceof CommandFailure)) throw error;
    return failedEvidence(`the bastion could not be asked who uses which key: ${error.message}`);
  }
}
