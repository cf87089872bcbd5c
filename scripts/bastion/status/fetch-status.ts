import type { BastionStatus } from "./parse-status.ts";
import { type OperatorLogin, StatusConnection } from "./status-connection.ts";

/**
 * Asks a bastion once how it is.
 *
 * @throws CommandFailure that says why it could not be asked.
 */
export async function fetchStatus(login: OperatorLogin, interruption: AbortSignal): Promise<BastionStatus> {
  const connection = new StatusConnection(login);
  try {
    return await connection.read(interruption);
  } finally {
    await connection.close();
  }
}
