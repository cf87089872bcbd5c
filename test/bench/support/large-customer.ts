import { createHash } from "node:crypto";

/** A customer's file with many clients, each with a key of its own and two of the thousand tunnels. */
export function renderLargeCustomer(clients: number, tunnels: number): string {
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
  return `customer: large
target: local
clientCidrs: [198.51.100.0/24]
consumerCidrs: [10.20.0.0/16]
tunnels:
${numbers(tunnels)
  .map((i) => `  - { name: t${i}, destination: "db-${i}.internal:5432" }\n`)
  .join("")}clients:
${numbers(clients)
  .map(
    (i) =>
      `  - { name: c${i}, publicKeys: ["${publicKey(i)} c${i}"], tunnels: [t${i % tunnels}, t${(i + 1) % tunnels}], sourceCidrs: [198.51.100.${i % 256}/32], expiresAt: 2030-06-30 }\n`,
  )
  .join("")}`;
}

/** A key in the right form; nobody has its private half. */
function publicKey(seed: number): string {
  const type = "ssh-ed25519";
  const field = (content: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, content.length]), content]);
  const point = createHash("sha256").update(`${seed}`).digest();
  return `${type} ${Buffer.concat([field(Buffer.from(type)), field(point)]).toString("base64")}`;
}
