import { expect, test } from "vitest";
import { describeWrittenKit, renderWrittenKit, type WrittenKit } from "../../../scripts/bastion/kit/print-kit.ts";
import { listBindPorts, renderBindPorts } from "../../../scripts/bastion/outputs/bind-port-table.ts";
import { renderOutputs } from "../../../scripts/bastion/outputs/print-outputs.ts";
import { indent, renderTable } from "../../../scripts/bastion/table.ts";
import { type Emphasize, plain } from "../../../scripts/bastion/terminal.ts";
import { ECDSA_P256, ED25519_A } from "../../support/keys.ts";
import { EXAMPLE_STACK } from "./example-stack.ts";

const marked: Emphasize = (emphasis, text) => `<${emphasis}>${text}</${emphasis}>`;

test("columns are as wide as their widest cell, and no line ends in spaces", () => {
  expect(renderTable([["orders", "15000"], ["b", "8080", "x"], []], ["name", "bind port"])).toBe(
    "name    bind port\norders  15000\nb       8080       x\n\n",
  );
});

test("emphasis is around the heading, and does not count as width", () => {
  expect(renderTable([["orders"]], ["name"], marked)).toBe("<dim>name</dim>\norders\n");
});

test("empty lines are not indented", () => {
  expect(indent("a\n\nb\n")).toBe("  a\n\n  b\n");
});

test("the bind ports, lowest first: where each listens, and who may do what with it", () => {
  expect(listBindPorts(EXAMPLE_STACK.bastion)).toEqual([
    { name: "flow", bindPort: 8080, bindAddress: "loopback", clients: ["dr-site"], consumers: ["flow"], consumerAddresses: [] },
    {
      name: "orders",
      bindPort: 15000,
      bindAddress: "all",
      clients: ["dc1", "dr-site"],
      consumers: [],
      consumerAddresses: ["bastion.example.com:15000"],
    },
    {
      name: "billing",
      bindPort: 15001,
      bindAddress: "all",
      clients: ["dc1", "dr-site"],
      consumers: [],
      consumerAddresses: ["bastion.example.com:15001"],
    },
    {
      name: "audit",
      bindPort: 15002,
      bindAddress: "203.0.113.2",
      clients: ["dr-site"],
      consumers: ["flow"],
      consumerAddresses: ["203.0.113.2:15002"],
    },
  ]);
});

test("the table of bind ports, to the letter", () => {
  const [flow, ...others] = listBindPorts(EXAMPLE_STACK.bastion);
  expect(renderBindPorts(flow === undefined ? [] : [{ ...flow, clients: [] }, ...others], plain)).toBe(
    `tunnel   bind port  bind address  opened by     ssh -L by  consumer addresses
flow     8080       loopback      nobody        flow       –
orders   15000      all           dc1, dr-site  –          bastion.example.com:15000
billing  15001      all           dc1, dr-site  –          bastion.example.com:15001
audit    15002      203.0.113.2   dr-site       flow       203.0.113.2:15002
`,
  );
});

test("the outputs for a person, to the letter", () => {
  const { bastion } = EXAMPLE_STACK;
  const [dc1, drSite] = bastion.clients;
  expect(renderOutputs(EXAMPLE_STACK, plain)).toBe(
    `Bastion of acme
  host           bastion.example.com
  port           2222
  clients use    ssh://tunnel@bastion.example.com:2222
  consumers use  ssh://consumer@bastion.example.com:2222

Host keys
  ssh-ed25519          ${ED25519_A.fingerprint}
  ecdsa-sha2-nistp256  ${ECDSA_P256.fingerprint}

Tunnels
  name     bind port  addresses
  orders   15000      bastion.example.com:15000
  billing  15001      bastion.example.com:15001
  flow     8080       –
  audit    15002      203.0.113.2:15002

Clients
  dc1
    tunnels orders, billing
    key SHA256:dc1
    public key imported
    ${dc1?.command}
  dr-site
    tunnels orders, billing, flow, audit
    key SHA256:dr-site
    private key in the stack, delivered as dr-site.key
    ${drSite?.command}

Consumers
  flow
    tunnels flow, audit
    key SHA256:flow
    private key in the stack, delivered as flow.key
    ${bastion.consumers[0]?.command}
`,
  );
});

test("a section of nobody is left out, and titles stand out where that can be seen", () => {
  const text = renderOutputs({ ...EXAMPLE_STACK, bastion: { ...EXAMPLE_STACK.bastion, consumers: [] } }, marked);
  expect([...text.matchAll(/^<bold>(.*)<\/bold>$/gm)].map(([, title]) => title)).toEqual([
    "Bastion of acme",
    "Host keys",
    "Tunnels",
    "Clients",
  ]);
});

const WRITTEN: WrittenKit = {
  stack: "acme",
  customer: "acme",
  client: "dc1",
  out: "./acme-dc1",
  outcome: "written",
  files: [
    { path: "index.html", content: "ä", mode: 0o644 },
    { path: "connect.sh", content: "#!/bin/sh\n", mode: 0o755 },
  ],
  keyFile: "dc1.key",
  isKeyGenerated: false,
};

test("what was written, to the letter", () => {
  expect(renderWrittenKit(WRITTEN, plain)).toBe(`Kit for dc1 of acme: ./acme-dc1 written
  index.html  644  2 bytes
  connect.sh  755  10 bytes

The customer begins with index.html. The private key is not in the kit; it goes beside the files as dc1.key.
  The customer has it: only its public half was imported for dc1.
`);
});

test("of a kit that is as it was only that is said, and where a generated key is", () => {
  expect(
    renderWrittenKit({ ...WRITTEN, outcome: "unchanged", isKeyGenerated: true }, plain),
  ).toBe(`Kit for dc1 of acme: ./acme-dc1 unchanged

The customer begins with index.html. The private key is not in the kit; it goes beside the files as dc1.key.
  It is in the stack; deliver it separately, encrypted for whoever gets it:
  bastion key acme --client dc1 --recipient RECIPIENT --out dc1.key.age
`);
});

test("as plain data the files are listed without what is in them", () => {
  expect(describeWrittenKit(WRITTEN)).toEqual({
    stack: "acme",
    customer: "acme",
    client: "dc1",
    out: "./acme-dc1",
    outcome: "written",
    files: [
      { path: "index.html", mode: "0644", bytes: 2 },
      { path: "connect.sh", mode: "0755", bytes: 10 },
    ],
    keyFile: "dc1.key",
    isKeyGenerated: false,
  });
});
