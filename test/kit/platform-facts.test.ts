import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { platformFacts } from "../../components/kit/platform-facts.ts";
import { sshSettings } from "../support/openssh.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { exampleDescription } from "./example-kit.ts";

const folder = temporaryFolder();

test("what services of the platform set, to the letter", () => {
  const { consumers, tunnels } = platformFacts(exampleDescription());
  expect(tunnels).toEqual([
    { name: "orders", addresses: [{ host: "bastion.example.com", port: 15000 }] },
    { name: "billing", addresses: [{ host: "bastion.example.com", port: 15001 }] },
    { name: "flow", addresses: [] },
    { name: "audit", addresses: [{ host: "203.0.113.2", port: 15002 }] },
  ]);
  expect(consumers.map(({ sshConfig, ...consumer }) => consumer)).toEqual([
    {
      name: "flow",
      endpoint: "ssh://consumer@bastion.example.com:2222",
      keyFile: "flow.key",
      tunnels: [
        { name: "flow", host: "localhost", port: 8080 },
        { name: "audit", host: "203.0.113.2", port: 15002 },
      ],
    },
  ]);
});

test("the ssh_config is the one of the outputs, and ssh reads it", () => {
  const description = exampleDescription();
  const [consumer] = platformFacts(description).consumers;
  expect(consumer?.sshConfig).toBe(description.consumers[0]?.sshConfig);
  mkdirSync(join(folder, "ssh"));
  writeFileSync(join(folder, "ssh/config"), `${consumer?.sshConfig}`);
  expect(sshSettings(join(folder, "ssh"), ["-F", "config", "bastion-flow"])).toMatchObject({
    hostname: ["bastion.example.com"],
    port: ["2222"],
    user: ["consumer"],
    localforward: ["8080 [localhost]:8080", "15002 [203.0.113.2]:15002"],
  });
});

test("a tunnel that has no destination is reached all the same", () => {
  const description = exampleDescription();
  const tunnels = description.tunnels.map((tunnel) => ({
    ...tunnel,
    remoteForward: tunnel.remoteForward.replace(/:[^:]+:\d+$/, ":DESTINATION:PORT"),
  }));
  expect(tunnels.map(({ remoteForward }) => remoteForward)).toContain("8080:DESTINATION:PORT");
  expect(platformFacts({ ...description, tunnels: tunnels.filter(({ name }) => name !== "billing") }).consumers[0]?.tunnels).toHaveLength(
    2,
  );
});

test("an IPv6 address loses its brackets, and keeps them in the endpoint", () => {
  const { tunnels, consumers } = platformFacts(exampleDescription("2001:db8::5"));
  expect(tunnels[0]?.addresses).toEqual([{ host: "2001:db8::5", port: 15000 }]);
  expect(consumers[0]?.endpoint).toBe("ssh://consumer@[2001:db8::5]:2222");
});

test("what somebody has put into the state is refused, all of it at once", () => {
  const description = exampleDescription();
  const tunnels = description.tunnels.map((tunnel) => ({
    ...tunnel,
    name: "$(id)",
    consumerAddresses: ["db:1\nX=1"],
    remoteForward: "8080",
  }));
  expect(() => platformFacts({ ...description, host: "-oProxyCommand=id", consumerUser: "a b", tunnels: tunnels.slice(0, 1) })).toThrow(
    expect.objectContaining({
      problems: [
        { path: "host", reason: 'got "-oProxyCommand=id"; expected a name or an address' },
        { path: "consumerUser", reason: 'got "a b"; expected a login user' },
        { path: "tunnels[0].name", reason: expect.stringContaining('got "$(id)"') },
        { path: "tunnels[0]", reason: expect.stringContaining('got "db:1\\nX=1"') },
      ],
    }),
  );
});
