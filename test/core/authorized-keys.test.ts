import { expect, test } from "vitest";
import {
  renderClientAuthorityLine,
  renderClientKeyLine,
  renderConsumerAuthorityLine,
  renderConsumerKeyLine,
} from "../../components/core/authorized-keys.ts";
import type { Peer } from "../../components/core/bastion.ts";
import { exampleBastion, exampleTunnels } from "../support/bastions.ts";
import { ECDSA_P256, ED25519_A, ED25519_B, ED25519_C, keyOf } from "../support/keys.ts";
import { listKeys } from "../support/openssh.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const [dc1, drSite] = exampleBastion().clients as [Peer, Peer];
const [flow] = exampleBastion().consumers as [Peer];
const tunnels = exampleTunnels();

test("a client may listen on its bind ports, from its sources, and do nothing else", () => {
  const line = renderClientKeyLine(dc1, keyOf(ED25519_A), tunnels.slice(0, 2));
  expect(line).toBe(
    `restrict,port-forwarding,permitlisten="15000",permitlisten="15001",permitopen="127.0.0.1:1",from="198.51.100.7/32,198.51.100.64/26" ${ED25519_A.line} dc1`,
  );
  expect(listKeys(folder, [line])).toEqual([`256 ${ED25519_A.fingerprint} dc1 (ED25519)`]);
});

test("a client with an expiry, and with tunnels of every scope", () => {
  const line = renderClientKeyLine(drSite, keyOf(ED25519_B), tunnels);
  expect(line).toBe(
    'restrict,port-forwarding,permitlisten="15000",permitlisten="15001",permitlisten="localhost:8080",permitlisten="127.0.0.1:8080",' +
      `permitlisten="203.0.113.2:15002",permitopen="127.0.0.1:1",expiry-time="20270630235959Z" ${ED25519_B.line} dr-site`,
  );
  expect(listKeys(folder, [line])).toEqual([`256 ${ED25519_B.fingerprint} dr-site (ED25519)`]);
});

test("a consumer may connect to its bind ports under both names of loopback, and listen nowhere", () => {
  const line = renderConsumerKeyLine(flow, keyOf(ED25519_C), tunnels.slice(2));
  expect(line).toBe(
    'restrict,port-forwarding,permitlisten="127.0.0.1:1",permitopen="localhost:8080",permitopen="127.0.0.1:8080",' +
      `permitopen="203.0.113.2:15002" ${ED25519_C.line} flow`,
  );
  expect(listKeys(folder, [line])).toEqual([`256 ${ED25519_C.fingerprint} flow (ED25519)`]);
});

test("sources and expiry stand together, and IPv6 sources are written as sshd matches them", () => {
  const peer = { ...dc1, sourceCidrs: ["2001:db8::/48"], expiresAt: Date.UTC(2030, 0, 2, 3, 4, 5) };
  const line = renderConsumerKeyLine(peer, keyOf(ECDSA_P256), tunnels.slice(0, 1));
  expect(line).toBe(
    'restrict,port-forwarding,permitlisten="127.0.0.1:1",permitopen="localhost:15000",permitopen="127.0.0.1:15000",' +
      `from="2001:db8::/48",expiry-time="20300102030405Z" ${ECDSA_P256.line} dc1`,
  );
  expect(listKeys(folder, [line])).toEqual([`256 ${ECDSA_P256.fingerprint} dc1 (ECDSA)`]);
});

test("an authority's certificates give the rights of the peer, for its principals", () => {
  const client = { ...dc1, certificatePrincipals: ["dc1", "ops@acme.example"] };
  expect(renderClientAuthorityLine(client, keyOf(ED25519_C), tunnels.slice(0, 1))).toBe(
    `cert-authority,principals="dc1,ops@acme.example",${renderClientKeyLine(client, keyOf(ED25519_C), tunnels.slice(0, 1))}`,
  );
  const consumer = { ...flow, certificatePrincipals: ["flow"] };
  const line = renderConsumerAuthorityLine(consumer, keyOf(ED25519_C), tunnels.slice(2));
  expect(line).toBe(`cert-authority,principals="flow",${renderConsumerKeyLine(consumer, keyOf(ED25519_C), tunnels.slice(2))}`);
  expect(listKeys(folder, [line])).toEqual([`256 ${ED25519_C.fingerprint} flow (ED25519)`]);
});

test("no key is without a limit in either direction, even with no tunnel", () => {
  // Without any permitlisten or permitopen, port-forwarding would allow everything.
  expect(renderClientKeyLine(drSite, keyOf(ED25519_B), tunnels)).toMatch(/permitlisten=.*permitopen=/);
  expect(renderClientKeyLine({ ...drSite, tunnels: [] }, keyOf(ED25519_B), [])).toMatch(/permitlisten=.*permitopen=/);
  expect(renderConsumerKeyLine({ ...flow, tunnels: [] }, keyOf(ED25519_C), [])).toMatch(/permitlisten=.*permitopen=/);
});
