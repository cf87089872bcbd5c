import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { explainSshFailure } from "../../../../scripts/bastion/status/explain-failure.ts";
import { fetchStatus } from "../../../../scripts/bastion/status/fetch-status.ts";
import { StatusConnection } from "../../../../scripts/bastion/status/status-connection.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { EXAMPLE_STATUS } from "./example-status.ts";

const folder = temporaryFolder();
const LOGIN = {
  host: "bastion.example.com",
  sshPort: 2222,
  statusPort: 9422,
  user: "consumer",
  identityFile: "/nowhere/operator.key",
  knownHostsFile: "/nowhere/known_hosts",
};
const BODY = JSON.stringify(EXAMPLE_STATUS);
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

const never = new AbortController().signal;

/** What stands in for ssh until the test ends: a script of a shell. */
function ssh(script: string): void {
  writeFileSync(join(folder, "answer"), ANSWER);
  writeFileSync(join(folder, "ssh"), `#!/bin/sh\ncd ${folder}\n${script}\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
}

/** Reads the head of one request. */
const REQUEST = `while IFS= read -r line && [ "$line" != "$(printf '\\r')" ]; do printf '%s\\n' "$line" >>said; done`;

afterEach(() => vi.unstubAllEnvs());

test("several answers come over one connection, which is to the status port with the host key pinned", async () => {
  ssh(`printf '%s\\n' "$*" >>dialled\n${REQUEST}; cat answer; ${REQUEST}; cat answer; cat >/dev/null`);
  const connection = new StatusConnection(LOGIN);
  expect([await connection.read(never), await connection.read(never)]).toEqual([EXAMPLE_STATUS, EXAMPLE_STATUS]);
  await connection.close();
  const dialled = readFileSync(join(folder, "dialled"), "utf8");
  expect(dialled).toMatch(/^-F none -T -p 2222 -l consumer .* -W 127\.0\.0\.1:9422 -- bastion\.example\.com\n$/);
  for (const option of [
    "StrictHostKeyChecking=yes",
    "UserKnownHostsFile=/nowhere/known_hosts",
    "BatchMode=yes",
    "GlobalKnownHostsFile=none",
  ])
    expect(dialled).toContain(`-o ${option} `);
  expect(readFileSync(join(folder, "said"), "utf8").match(/^GET \/status\.json HTTP\/1\.1\r$/gm)).toHaveLength(2);
});

test.each([
  {
    what: "a server of something else",
    script: "echo 220 mail.example.com; cat >/dev/null",
    said: "what answers at its status port is no bastion",
  },
  {
    what: "an error",
    script: `${REQUEST}; printf 'HTTP/1.1 500 no\\r\\nContent-Length: 0\\r\\n\\r\\n'; cat >/dev/null`,
    said: "its status port has answered 500",
  },
  {
    what: "another version",
    script: `${REQUEST}; printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 13\\r\\n\\r\\n{"version":2}'; cat >/dev/null`,
    said: /^its status is not that of a bastion of this version:\n {2}version: /,
  },
  { what: "an answer that is cut off", script: `${REQUEST}; head -c 200 answer`, said: "the connection has ended" },
  {
    what: "an end",
    script: "echo 'ssh: connect to host bastion.example.com port 2222: Connection refused' >&2; exit 255",
    said: /Connection refused$/,
  },
])("$what is told as such", async ({ script, said }) => {
  ssh(script);
  await expect(fetchStatus(LOGIN, never)).rejects.toThrow(said);
});

test("without ssh, that is said", async () => {
  vi.stubEnv("PATH", join(folder, "empty"));
  await expect(fetchStatus(LOGIN, never)).rejects.toThrow("ssh was not found; install the OpenSSH client");
});

test("an interruption ends it with its reason", async () => {
  ssh("cat >/dev/null");
  const interruption = new AbortController();
  const read = fetchStatus(LOGIN, interruption.signal);
  interruption.abort(new Error("interrupted by SIGINT"));
  await expect(read).rejects.toThrow("interrupted by SIGINT");
});

test("a connection that has ended says so at the next look, and does not wait", async () => {
  ssh(`${REQUEST}; cat answer; exit 0`);
  const connection = new StatusConnection(LOGIN);
  await connection.read(never);
  await expect(connection.read(never)).rejects.toThrow("the connection has ended");
  await connection.close();
});

describe("what ssh says", () => {
  test.each([
    ["Warning: x\nconsumer@h: Permission denied (publickey).\r\n", /^it does not take the operator's key/],
    ["@ REMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key verification failed.\n", /^its host key is not the pinned one/],
    ['Load key "/k": invalid format\nconsumer@h: Permission denied (publickey).\n', /^the private key cannot be used$/],
    ["channel 0: open failed: administratively prohibited: open failed\nstdio forwarding failed\n", /not an operator's$/],
    ["channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n", /^nobody serves its status/],
    ["ssh: Could not resolve hostname h: Name or service not known\r\n", /^ssh: Could not resolve hostname h: Name or service not known$/],
    ["a\u001b[2Jb\n\n", /^a \[2Jb$/],
    ["", /^the connection has ended$/],
  ])("%j is explained", (said, meaning) => {
    expect(explainSshFailure(said)).toMatch(meaning);
  });
});
