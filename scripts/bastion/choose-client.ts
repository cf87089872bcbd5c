import { quoteForMessage } from "../../components/core/problem.ts";
import { notThere, wrongUsage } from "./command-failure.ts";
import type { PeerRole } from "./private-keys.ts";

/**
 * Chooses whose kit is meant: the client that was named, or the only one.
 *
 * @throws CommandFailure that names the clients there are.
 */
export function chooseClient(clients: readonly string[], wanted: string | undefined): string {
  return choosePeer("client", clients, wanted);
}

/**
 * Chooses which consumer is meant: the one that was named, or the only one.
 *
 * @throws CommandFailure that names the consumers there are.
 */
export function chooseConsumer(consumers: readonly string[], wanted: string | undefined): string {
  return choosePeer("consumer", consumers, wanted);
}

/**
 * Chooses which operator is meant: the one that was named, or the only one.
 *
 * @throws CommandFailure that names the operators there are.
 */
export function chooseOperator(operators: readonly string[], wanted: string | undefined): string {
  return choosePeer("operator", operators, wanted);
}

function choosePeer(role: PeerRole, names: readonly string[], wanted: string | undefined): string {
  const [first, ...others] = names;
  if (first === undefined) throw notThere(`the bastion has no ${role}s; write one into the customer's file`);
  if (wanted === undefined) {
    if (others.length === 0) return first;
    throw wrongUsage(`the bastion has several ${role}s; choose one with --${role}: ${names.join(", ")}`);
  }
  if (!names.includes(wanted)) throw notThere(`there is no ${role} ${quoteForMessage(wanted)}; there is: ${names.join(", ")}`);
  return wanted;
}
