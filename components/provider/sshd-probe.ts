import { connect } from "node:net";

const LIMIT_MS = 2_000;

/**
 * What listens at a port: `nothing`, an `sshd`, or `something` else. A TCP connect alone says little: sshd accepts and
 * closes while it penalises, so only its banner counts.
 */
export async function probe(address: string, sshPort: number): Promise<"nothing" | "something" | "sshd"> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: sshPort });
    let found: "nothing" | "something" = "nothing";
    const finish = (answer: "nothing" | "something" | "sshd") => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(LIMIT_MS, () => finish(found));
    socket.once("error", () => finish(found));
    socket.once("close", () => finish(found));
    socket.once("connect", () => {
      found = "something";
    });
    socket.once("data", (data) => finish(data.toString("latin1").startsWith("SSH-2.0-") ? "sshd" : "something"));
  });
}
