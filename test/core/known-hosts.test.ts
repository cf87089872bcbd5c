import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { knownHostsName, renderKnownHosts, renderSshfp, renderSshUrl } from "../../components/core/known-hosts.ts";
import { parsePublicKey } from "../../components/core/public-key.ts";
import { ECDSA_P256, ED25519_A, keyOf, RSA_3072 } from "../support/keys.ts";
import { run, sshSettings } from "../support/openssh.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();

test.each([
  [{ host: "bastion.example.com", sshPort: 2222 }, "[bastion.example.com]:2222"],
  [{ host: "203.0.113.2", sshPort: 2222 }, "[203.0.113.2]:2222"],
  [{ host: "2001:db8::2", sshPort: 2222 }, "[2001:db8::2]:2222"],
  [{ host: "bastion.example.com", sshPort: 22 }, "bastion.example.com"],
])("%j is known as %s", (endpoint, name) => {
  expect(knownHostsName(endpoint)).toBe(name);
});

test("the file pins each host key on a line of its own, and ssh finds them under the name it looks for", () => {
  const endpoint = { host: "bastion.example.com", sshPort: 2222 };
  const text = renderKnownHosts(endpoint, [keyOf(ED25519_A), keyOf(ECDSA_P256)]);
  expect(text).toBe(`[bastion.example.com]:2222 ${ED25519_A.line}\n[bastion.example.com]:2222 ${ECDSA_P256.line}\n`);

  const file = join(folder, "known_hosts");
  writeFileSync(file, text);
  const found = run("ssh-keygen", ["-F", "[bastion.example.com]:2222", "-f", file]).split("\n");
  expect(found.filter((line) => line !== "" && !line.startsWith("#"))).toEqual(text.trim().split("\n"));
  expect(run("ssh-keygen", ["-l", "-f", file]).match(/SHA256:\S+/g)).toEqual([ED25519_A.fingerprint, ECDSA_P256.fingerprint]);
});

test.each([ED25519_A, ECDSA_P256, RSA_3072])("the SSHFP value of $line is the one ssh-keygen -r prints", ({ line }) => {
  const path = join(folder, "host.pub");
  writeFileSync(path, `${line}\n`);
  // Of the two digests it prints, 2 is SHA-256.
  const record = run("ssh-keygen", ["-r", "host", "-f", path])
    .split("\n")
    .find((printed) => / SSHFP \d 2 /.test(printed));
  expect(`host IN SSHFP ${renderSshfp(parsePublicKey(line))}`).toBe(record);
});

test.each([
  [{ host: "bastion.example.com", sshPort: 2222 }, "ssh://tunnel@bastion.example.com:2222"],
  [{ host: "203.0.113.2", sshPort: 22 }, "ssh://tunnel@203.0.113.2:22"],
])("the URL of %j is %s, and ssh takes it apart again", (endpoint, url) => {
  expect(renderSshUrl("tunnel", endpoint)).toBe(url);
  expect(sshSettings(folder, ["-F", "none", url])).toMatchObject({
    user: ["tunnel"],
    hostname: [endpoint.host],
    port: [`${endpoint.sshPort}`],
  });
});

test("an IPv6 host stands in brackets in a URL", () => {
  // RFC 3986; OpenSSH 9.2 takes no such URL, only the command, which has the host by itself.
  expect(renderSshUrl("tunnel", { host: "2001:db8::2", sshPort: 2222 })).toBe("ssh://tunnel@[2001:db8::2]:2222");
});
