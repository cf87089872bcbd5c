import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { isEstuaryKey, renderEstuaryTunnel } from "../../components/kit/estuary-tunnel.ts";
import { type PlatformConsumer, platformFacts } from "../../components/kit/platform-facts.ts";
import { exampleDescription } from "./example-kit.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const consumer = platformFacts(exampleDescription()).consumers[0] as PlatformConsumer;

test("without a key, a line says what goes there", () => {
  expect(
    renderEstuaryTunnel(consumer),
  ).toBe(`# In the connector's configuration, beside this section, with the tunnel's address as it is seen from the bastion:
#   address: "localhost:8080"  # flow
#   address: "203.0.113.2:15002"  # audit
networkTunnel:
  sshForwarding:
    sshEndpoint: "ssh://consumer@bastion.example.com:2222"
    privateKey: "PRIVATE KEY of consumer flow: RSA, in PEM"
`);
});

test("with one, a reader of YAML gets the key as it is, with its last end of line", () => {
  expect(parse(renderEstuaryTunnel(consumer, PEM))).toEqual({
    networkTunnel: { sshForwarding: { sshEndpoint: "ssh://consumer@bastion.example.com:2222", privateKey: PEM } },
  });
});

test("the port is spelled out also where it is ssh's own", () => {
  const [other] = platformFacts({ ...exampleDescription("2001:db8::5"), sshPort: 22 }).consumers;
  expect(parse(renderEstuaryTunnel(other as PlatformConsumer)).networkTunnel.sshForwarding.sshEndpoint).toBe(
    "ssh://consumer@[2001:db8::5]:22",
  );
});

test.each([
  { key: PEM, answer: true },
  { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), answer: false },
  { key: "-----BEGIN OPENSSH PRIVATE KEY-----\n", answer: false },
])("a key is in the form that is asked for: $answer", ({ key, answer }) => {
  expect(isEstuaryKey(key)).toBe(answer);
});
