import { expect, test } from "vitest";
import { describeSettings, renderSettings } from "../../../../scripts/bastion/consumer/platform-settings.ts";
import { EXAMPLE_STACK } from "../example-stack.ts";

const { bastion } = EXAMPLE_STACK;
const [flow] = bastion.consumers;
const SEVERAL = {
  ...EXAMPLE_STACK,
  bastion: { ...bastion, consumers: [...bastion.consumers, { ...flow, name: "batch", tunnels: [] }] },
} as typeof EXAMPLE_STACK;

const CONSUMER = `Consumer flow of acme, which logs in
  SSH endpoint  ssh://consumer@bastion.example.com:2222
  private key   in the stack; bastion key --consumer flow delivers it as flow.key
  tunnel  host on the bastion  port
  flow    localhost            8080
  audit   203.0.113.2          15002
`;

test("for a person, all of it", () => {
  expect(renderSettings(EXAMPLE_STACK, "text", undefined)).toBe(`Over the network, from consumerCidrs of acme
  tunnel   host                 port
  orders   bastion.example.com  15000
  billing  bastion.example.com  15001
  flow     –                    on loopback
  audit    203.0.113.2          15002

${CONSUMER}`);
});

test("of one consumer, its own alone", () => {
  expect(renderSettings(SEVERAL, "text", "flow")).toBe(CONSUMER);
  const imported = { ...SEVERAL, generatedKeys: { clients: [], consumers: [], operators: [] } };
  expect(renderSettings(imported, "text", "flow")).toBe(CONSUMER.replace(/in the stack;.*/, "public key imported"));
  expect(describeSettings(SEVERAL, "batch")).toMatchObject({ tunnels: [], consumers: [{ name: "batch", isKeyGenerated: false }] });
});

test("as ssh_config, for Estuary Flow, and as an environment, of the consumer that is named or the only one", () => {
  expect(renderSettings(EXAMPLE_STACK, "ssh-config", undefined)).toBe(flow?.sshConfig);
  expect(renderSettings(SEVERAL, "ssh-config", "flow")).toBe(flow?.sshConfig);
  expect(renderSettings(EXAMPLE_STACK, "estuary", undefined)).toContain('sshEndpoint: "ssh://consumer@bastion.example.com:2222"');
  expect(renderSettings(EXAMPLE_STACK, "env", undefined)).toContain("ORDERS_HOST=bastion.example.com\nORDERS_PORT=15000\n");
  expect(renderSettings(EXAMPLE_STACK, "env", "flow")).toContain("FLOW_HOST=localhost\nFLOW_PORT=8080\n");
});

test("which consumer is said where there are several, and who there is", () => {
  for (const format of ["ssh-config", "estuary"] as const)
    expect(() => renderSettings(SEVERAL, format, undefined)).toThrow(
      expect.objectContaining({ exitCode: 2, message: "the bastion has several consumers; choose one with --consumer: flow, batch" }),
    );
  expect(() => renderSettings(SEVERAL, "text", "dc1")).toThrow(
    expect.objectContaining({ exitCode: 3, message: 'there is no consumer "dc1"; there is: flow, batch' }),
  );
});
