import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidInputError } from "../../../../components/core/problem.ts";
import type { CustomerDraft } from "../../../../scripts/bastion/init/customer-draft.ts";
import { renderCustomer } from "../../../../scripts/bastion/init/render-customer.ts";
import { parseCustomer } from "../../../../stacks/parse-customer.ts";
import { readYaml } from "../../../../stacks/read-yaml.ts";
import { ED25519_A } from "../../../support/keys.ts";

const DRAFT: CustomerDraft = {
  customer: "globex",
  target: "gcp",
  gcp: { zone: "europe-west3-a" },
  clientCidrs: ["198.51.100.0/24"],
  consumerCidrs: [],
  tunnels: [],
  clients: [],
};

test("a file has the schema's line, and says what its author should know", () => {
  const draft: CustomerDraft = {
    ...DRAFT,
    consumerCidrs: ["10.20.0.0/16", "10.21.0.0/16"],
    tunnels: [{ name: "orders", destination: "orders-db.internal:5432", bindPort: 15000 }],
    clients: [{ name: "dc1", publicKeys: [`${ED25519_A.line} dc1`] }],
  };
  expect(renderCustomer(draft)).toBe(`# yaml-language-server: $schema=../customer.schema.json
customer: globex
target: gcp
gcp: { zone: europe-west3-a }

clientCidrs: [198.51.100.0/24] # who may reach sshd
consumerCidrs: [10.20.0.0/16, 10.21.0.0/16] # who may reach bind ports that are not on loopback

# One for each data source. A bindPort that is left out is allocated, and kept.
tunnels:
  - { name: orders, destination: orders-db.internal:5432, bindPort: 15000 }

# Who opens tunnels: the customer's agents. publicKeys are theirs; generateKey has a key pair made.
clients:
  - { name: dc1, publicKeys: [ ${ED25519_A.line} dc1 ] }
`);
});

test("the schema's line leads to the schema from where customers' files are", () => {
  const [, schema = ""] = /\$schema=(\S+)/.exec(renderCustomer(DRAFT)) ?? [];
  const customers = join(import.meta.dirname, "../../../../stacks/customers");
  expect(JSON.parse(readFileSync(join(customers, schema), "utf8"))).toMatchObject({
    title: expect.stringContaining("A customer's bastion"),
  });
});

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "null",
    "~",
    "yes",
    "0x10",
    "1e3",
    "- a",
    "a: b",
    "a #b",
    "[",
    "{ a",
    "*a",
    "&a",
    "!a",
    "|",
    ">",
    "'",
    '"',
    "%a",
    "@a",
    "2027-06-30",
    "\n",
    "a\n\tb",
    " a ",
  ),
);
const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
const draftOf = (of: { name: fc.Arbitrary<string>; text: fc.Arbitrary<string> }): fc.Arbitrary<CustomerDraft> =>
  fc.record({
    customer: of.name,
    target: fc.constant("local" as const),
    local: fc.record({ host: of.text }),
    clientCidrs: fc.array(of.text),
    consumerCidrs: fc.array(of.text),
    tunnels: fc.array(fc.record({ name: of.name, destination: of.text, bindPort: fc.integer() })),
    clients: fc.array(
      fc.oneof(
        fc.record({ name: of.name, publicKeys: fc.array(of.text) }),
        fc.record({ name: of.name, generateKey: fc.constant("ed25519" as const) }),
      ),
    ),
  });

test("whatever is in a draft, its file says the same", () => {
  fc.assert(
    fc.property(draftOf({ name: text, text }), (draft) => {
      fc.pre(JSON.stringify(draft).isWellFormed() && !JSON.stringify(draft).includes("__proto__"));
      expect(readYaml(renderCustomer(draft), "new.yaml").content).toEqual(draft);
    }),
    { numRuns: 500 },
  );
});

test("the parser of customers' files takes any right draft, and finds what is wrong in others", () => {
  const port = fc.option(fc.integer({ min: 15000, max: 15999 }), { nil: undefined });
  const block = fc.tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255)).map(([a, b]) => `${a}.${b}.0.0/16`);
  const right = fc.record({
    customer: name,
    target: fc.constant("local" as const),
    clientCidrs: fc.array(block, { minLength: 1 }),
    consumerCidrs: fc.array(block, { minLength: 1 }),
    tunnels: fc
      .uniqueArray(fc.record({ name, destination: name.map((host) => `h${host}.internal:5432`), bindPort: port }), {
        minLength: 1,
        selector: (tunnel) => tunnel.name,
        maxLength: 5,
      })
      .filter((tunnels) => new Set(tunnels.map(({ bindPort }) => bindPort)).size === tunnels.length)
      .map((tunnels) => tunnels.map(({ bindPort, ...tunnel }) => (bindPort === undefined ? tunnel : { ...tunnel, bindPort }))),
    clients: fc.uniqueArray(fc.record({ name, generateKey: fc.constant("ed25519" as const) }), {
      minLength: 1,
      selector: (client) => client.name,
    }),
  });
  fc.assert(
    fc.property(right, (draft) => {
      expect(parseCustomer(renderCustomer(draft), "new.yaml")).toEqual(draft);
      expect(() => parseCustomer(renderCustomer({ ...draft, clientCidrs: [] }), "new.yaml")).toThrow(InvalidInputError);
    }),
  );
});
