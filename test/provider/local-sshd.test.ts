import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { localSshdKind } from "../../components/provider/local-sshd.ts";

const inputs = {
  directory: "/srv/acme",
  python: "/usr/bin/python3",
  tunnelUser: "tunnel",
  consumerUser: "consumer",
  probeAddress: "127.0.0.1",
  sshPort: 2222,
  files: [{ path: "etc/sshd_config", mode: 0o600, content: "Port 2222\n" }],
  secretFiles: [{ path: "etc/key", mode: 0o600, content: "key" }],
  keySet: "{}",
};
const state = { ...inputs, running: true };

test("nothing has changed while the inputs are the same and sshd runs", () => {
  expect(localSshdKind.diff(state, inputs)).toEqual({ changed: false, replaces: [], deleteBeforeReplace: true });
});

test("an sshd that was found dead is a change: the next up brings it back", () => {
  expect(localSshdKind.diff({ ...state, running: false }, inputs)).toMatchObject({ changed: true, replaces: [] });
});

test.each([
  ["keySet", "{ }"],
  ["sshPort", 2223],
  ["files", []],
  ["secretFiles", [{ path: "etc/key", mode: 0o600, content: "other" }]],
  ["python", "/usr/local/bin/python3"],
  ["probeAddress", "203.0.113.2"],
])("a change of %s is made while tunnels are open", (key, value) => {
  expect(localSshdKind.diff(state, { ...inputs, [key]: value })).toMatchObject({ changed: true, replaces: [] });
});

test.each(["directory", "tunnelUser", "consumerUser"])("a change of %s is another bastion, and the old one goes first", (key) => {
  expect(localSshdKind.diff(state, { ...inputs, [key]: "other" })).toEqual({ changed: true, replaces: [key], deleteBeforeReplace: true });
});

test("what a preview does not know counts as changed", () => {
  expect(localSshdKind.diff(state, { ...inputs, keySet: pulumi.runtime.unknownValue })).toMatchObject({ changed: true, replaces: [] });
  expect(localSshdKind.diff(state, { ...inputs, secretFiles: pulumi.runtime.unknownValue })).toMatchObject({ changed: true, replaces: [] });
});
