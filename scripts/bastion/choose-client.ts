import { quoteForMessage } from "../../components/core/problem.ts";
import { notThere, wrongUsage } from "./command-failure.ts";

/**
 * Chooses whose kit is meant: the client that was named, or the only one.
 *
 * @throws CommandFailure that names the clients there are.
 */
export function chooseClient(clients: readonly string[], wanted: string | undefined): string {
  const [first, ...others] = clients;
  if (first === undefined) throw notThere("the bastion has no clients; write one into the customer's file");
  if (wanted === undefined) {
    if (others.length === 0) return first;
    throw wrongUsage(`the bastion has several clients; choose one with --client: ${clients.join(", ")}`);
  }
  if (!clients.includes(wanted)) throw notThere(`there is no client ${quoteForMessage(wanted)}; there is: ${clients.join(", ")}`);
  return wanted;
}
