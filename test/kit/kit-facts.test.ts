import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BastionDescription } from "../../components/core/describe-bastion.ts";
import { InvalidInputError } from "../../components/core/problem.ts";
import { kitFacts } from "../../components/kit/kit-facts.ts";
import { EXAMPLE_BIND_PORTS } from "../support/bastions.ts";
import { ECDSA_P256, ED25519_A } from "../support/keys.ts";
import { exampleDescription } from "./example-kit.ts";

const DESCRIPTION = exampleDescription();

/** What is wrong, a line for each problem. */
function problemsOf(changes: Partial<BastionDescription>, { customer = "acme", client = "dc1" } = {}): string[] {
  try {
    kitFacts({ customer, client, description: { ...DESCRIPTION, ...changes } });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.message.split("\n");
  }
}

describe("the facts of a kit", () => {
  test("are those of one client", () => {
    const { sshConfig: _sshConfig, ...facts } = kitFacts({ customer: "acme", description: DESCRIPTION, client: "dc1" });
    expect(facts).toEqual({
      customer: "acme",
      client: "dc1",
      folder: "acme-dc1",
      serviceName: "reverse-bastion-tunnel-acme-dc1",
      host: "bastion.example.com",
      sshPort: 2222,
      user: "tunnel",
      keyFile: "dc1.key",
      knownHosts: DESCRIPTION.knownHosts,
      hostKeys: [
        { type: "ssh-ed25519", fingerprint: ED25519_A.fingerprint },
        { type: "ecdsa-sha2-nistp256", fingerprint: ECDSA_P256.fingerprint },
      ],
      fingerprints: ["SHA256:a"],
      tunnels: [
        {
          name: "orders",
          bindPort: 15000,
          destination: "orders-db.acme.internal:5432",
          remoteForward: "0.0.0.0:15000:orders-db.acme.internal:5432",
          consumerAddresses: ["bastion.example.com:15000"],
        },
        {
          name: "billing",
          bindPort: 15001,
          destination: "[2001:db8::7]:3306",
          remoteForward: "0.0.0.0:15001:[2001:db8::7]:3306",
          consumerAddresses: ["bastion.example.com:15001"],
        },
      ],
    });
  });

  test("have the ssh_config that the stack hands out, under another name", () => {
    const { sshConfig } = kitFacts({ customer: "acme", description: DESCRIPTION, client: "dr-site" });
    const handedOut = DESCRIPTION.clients.find(({ name }) => name === "dr-site")?.sshConfig;
    expect(sshConfig).toBe(handedOut?.replace("Host bastion-dr-site\n", "Host bastion\n"));
    expect(sshConfig.match(/RemoteForward/g)).toHaveLength(Object.keys(EXAMPLE_BIND_PORTS).length);
  });

  test("are not to be had for a client that is none, and those that are one are named", () => {
    expect(problemsOf({}, { client: "dc2" })).toEqual(['client: there is no client "dc2"; the bastion has "dc1", "dr-site"']);
    expect(problemsOf({ clients: [] })).toEqual(['client: there is no client "dc1"; the bastion has none']);
  });

  test("need a destination of each tunnel: commands with a gap in them are not handed out", () => {
    const tunnels = DESCRIPTION.tunnels.map((tunnel) =>
      tunnel.name === "billing" ? { ...tunnel, remoteForward: "0.0.0.0:15001:DESTINATION:PORT" } : tunnel,
    );
    expect(problemsOf({ tunnels })).toEqual([
      "tunnels[1].remoteForward: tunnel \"billing\" has no destination, and a kit's commands are run as they are; write its destination into the customer's file",
    ]);
  });

  test("are all looked at before anything is said", () => {
    const [client] = DESCRIPTION.clients;
    const said = problemsOf(
      {
        host: "bad host",
        sshPort: 0,
        user: "-oProxyCommand=id",
        knownHosts: "",
        hostKeys: [],
        clients: [{ ...(client as (typeof DESCRIPTION.clients)[number]), tunnels: ["gone"] }],
        tunnels: [],
      },
      { customer: "Acme Inc" },
    );
    expect(said.map((line) => line.split(":")[0])).toEqual(["customer", "host", "sshPort", "user", "knownHosts", "hostKeys", "tunnels"]);
  });

  test("never hold what would be more than a word to anything that reads them", () => {
    const nasty = fc.string({ unit: fc.constantFrom(..."ab.1-_:[]@ '\"`$\\;\n%{}|".split("")), maxLength: 20 });
    const word = /^[\w.:[\]-]+$/;
    fc.assert(
      fc.property(fc.record({ host: nasty, user: nasty, forward: nasty }), ({ host, user, forward }) => {
        const tunnels = DESCRIPTION.tunnels.map((tunnel) => ({ ...tunnel, remoteForward: `${tunnel.bindPort}:${forward}` }));
        if (problemsOf({ host, user, tunnels }).length > 0) return;
        for (const text of [host, user, forward]) expect(text).toMatch(word);
      }),
      { numRuns: 2000 },
    );
  });
});
