import { type Bastion, parseBastion } from "../../components/core/bastion.ts";
import type { BastionSpec } from "../../components/core/bastion-spec.ts";
import { type PlacedTunnel, placeTunnels } from "../../components/core/forward.ts";
import { ED25519_A, ED25519_AUTHORITY, ED25519_B, ED25519_C } from "./keys.ts";

/** A specification with a tunnel of each kind, two clients and a consumer. */
export const EXAMPLE: BastionSpec = {
  clientCidrs: ["198.51.100.0/24"],
  consumerCidrs: ["10.20.0.0/16"],
  tunnels: [
    { name: "orders", destination: "orders-db.acme.internal:5432", bindPort: 15000 },
    { name: "billing", destination: "[2001:db8::7]:3306" },
    { name: "flow", destination: "db.acme.internal:5678", bindAddress: "loopback", bindPort: 8080 },
    { name: "audit", bindAddress: "203.0.113.2" },
  ],
  clients: [
    {
      name: "dc1",
      publicKeys: [`${ED25519_A.line} me@dc1`],
      tunnels: ["billing", "orders"],
      sourceCidrs: ["198.51.100.7/32", "198.51.100.64/26"],
    },
    { name: "dr-site", publicKeys: [ED25519_B.line], expiresAt: "2027-06-30" },
  ],
  consumers: [{ name: "flow", publicKeys: [ED25519_C.line], tunnels: ["flow", "audit"] }],
};

/** A specification that every target can deploy, with keys of each kind. Its bind ports are what the provider of the tests says. */
export const DEPLOYABLE: BastionSpec = {
  clientCidrs: ["198.51.100.0/24"],
  consumerCidrs: ["10.20.0.0/16"],
  tunnels: [
    { name: "orders", destination: "orders-db.acme.internal:5432", bindPort: 15000 },
    { name: "billing", destination: "mysql.acme.internal:3306" },
    { name: "flow", destination: "db.acme.internal:5678", bindAddress: "loopback", bindPort: 8080 },
  ],
  clients: [
    { name: "dc1", publicKeys: [ED25519_C.line], tunnels: ["orders", "billing"] },
    { name: "dr-site", generateKey: "ed25519", certificateAuthorities: [ED25519_AUTHORITY.line], expiresAt: "2027-06-30" },
  ],
  consumers: [{ name: "flow", generateKey: "rsa-pem", tunnels: ["flow"] }],
};

/** The bind ports of the example. */
export const EXAMPLE_BIND_PORTS = { orders: 15000, billing: 15001, flow: 8080, audit: 15002 };

/** The example, with some of it changed. */
export function exampleBastion(changes: Partial<BastionSpec> = {}): Bastion {
  return parseBastion({ ...EXAMPLE, ...changes });
}

/** The tunnels of the example with their bind ports. */
export function exampleTunnels(): PlacedTunnel[] {
  return placeTunnels(exampleBastion().tunnels, EXAMPLE_BIND_PORTS);
}
