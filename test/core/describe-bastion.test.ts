import { expect, test } from "vitest";
import { type DescribedBastion, describeBastion } from "../../components/core/describe-bastion.ts";
import { exampleBastion, exampleTunnels } from "../support/bastions.ts";
import { ECDSA_P256, ED25519_A, ED25519_B, ED25519_C, keyOf } from "../support/keys.ts";
import { run } from "../support/openssh.ts";

const OPTIONS =
  "-o IdentitiesOnly=yes -o UserKnownHostsFile=./known_hosts -o StrictHostKeyChecking=yes -o UpdateHostKeys=yes -o ExitOnForwardFailure=yes -o ServerAliveInterval=15 -o ServerAliveCountMax=3 -o TCPKeepAlive=yes -o ConnectTimeout=10 -o Ciphers=aes128-gcm@openssh.com,aes256-gcm@openssh.com";
const command = (peer: string, forwards: string, user: string) =>
  `ssh -N -T -i ./${peer}.key -p 2222 ${OPTIONS} ${forwards} ${user}@bastion.example.com`;
const hostBlock = (peer: string, user: string, ...forwards: readonly string[]) => `Host bastion-${peer}
    HostName bastion.example.com
    Port 2222
    User ${user}
    IdentityFile ./${peer}.key
    IdentitiesOnly yes
    UserKnownHostsFile ./known_hosts
    StrictHostKeyChecking yes
    UpdateHostKeys yes
    ExitOnForwardFailure yes
    ServerAliveInterval 15
    ServerAliveCountMax 3
    TCPKeepAlive yes
    ConnectTimeout 10
    Ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com
${forwards.map((forward) => `    ${forward}\n`).join("")}`;

const fingerprints: Readonly<Record<string, string[]>> = {
  "clients/dc1": ["SHA256:a"],
  "clients/dr-site": ["SHA256:b"],
  "consumers/flow": ["SHA256:c"],
  "operators/on-call": ["SHA256:d"],
};

function described(changes: Partial<DescribedBastion> = {}): DescribedBastion {
  return {
    bastion: exampleBastion(),
    users: { tunnel: "tunnel", consumer: "consumer" },
    host: "bastion.example.com",
    hostKeys: [keyOf(ED25519_A), keyOf(ECDSA_P256)],
    tunnels: exampleTunnels(),
    fingerprintsOf: (role, { name }) => fingerprints[`${role}/${name}`] ?? [],
    ...changes,
  };
}

test("what the people at both ends are told, to the letter", () => {
  expect(describeBastion(described())).toEqual({
    host: "bastion.example.com",
    sshPort: 2222,
    statusPort: 9422,
    user: "tunnel",
    consumerUser: "consumer",
    endpoint: "ssh://tunnel@bastion.example.com:2222",
    consumerEndpoint: "ssh://consumer@bastion.example.com:2222",
    hostKeys: [
      {
        type: "ssh-ed25519",
        fingerprint: ED25519_A.fingerprint,
        sshfp: `4 2 ${Buffer.from(ED25519_A.fingerprint.slice("SHA256:".length), "base64").toString("hex")}`,
        announcedOnly: false,
        generation: 1,
      },
      {
        type: "ecdsa-sha2-nistp256",
        fingerprint: ECDSA_P256.fingerprint,
        sshfp: `3 2 ${Buffer.from(ECDSA_P256.fingerprint.slice("SHA256:".length), "base64").toString("hex")}`,
        announcedOnly: false,
        generation: 1,
      },
    ],
    knownHosts: `[bastion.example.com]:2222 ${ED25519_A.line}\n[bastion.example.com]:2222 ${ECDSA_P256.line}\n`,
    tunnels: [
      {
        name: "orders",
        bindPort: 15000,
        consumerAddresses: ["bastion.example.com:15000"],
        remoteForward: "0.0.0.0:15000:orders-db.acme.internal:5432",
        commands: [
          { client: "dc1", command: command("dc1", "-R 0.0.0.0:15000:orders-db.acme.internal:5432", "tunnel") },
          { client: "dr-site", command: command("dr-site", "-R 0.0.0.0:15000:orders-db.acme.internal:5432", "tunnel") },
        ],
      },
      {
        name: "billing",
        bindPort: 15001,
        consumerAddresses: ["bastion.example.com:15001"],
        remoteForward: "0.0.0.0:15001:[2001:db8::7]:3306",
        commands: [
          { client: "dc1", command: command("dc1", "-R '0.0.0.0:15001:[2001:db8::7]:3306'", "tunnel") },
          { client: "dr-site", command: command("dr-site", "-R '0.0.0.0:15001:[2001:db8::7]:3306'", "tunnel") },
        ],
      },
      {
        name: "flow",
        bindPort: 8080,
        consumerAddresses: [],
        remoteForward: "8080:db.acme.internal:5678",
        commands: [{ client: "dr-site", command: command("dr-site", "-R 8080:db.acme.internal:5678", "tunnel") }],
      },
      {
        name: "audit",
        bindPort: 15002,
        consumerAddresses: ["203.0.113.2:15002"],
        remoteForward: "203.0.113.2:15002:DESTINATION:PORT",
        commands: [{ client: "dr-site", command: command("dr-site", "-R 203.0.113.2:15002:DESTINATION:PORT", "tunnel") }],
      },
    ],
    clients: [
      {
        name: "dc1",
        tunnels: ["orders", "billing"],
        fingerprints: ["SHA256:a"],
        keyGenerations: [],
        command: command("dc1", "-R 0.0.0.0:15000:orders-db.acme.internal:5432 -R '0.0.0.0:15001:[2001:db8::7]:3306'", "tunnel"),
        sshConfig: hostBlock(
          "dc1",
          "tunnel",
          "RemoteForward 0.0.0.0:15000 orders-db.acme.internal:5432",
          "RemoteForward 0.0.0.0:15001 [2001:db8::7]:3306",
        ),
      },
      {
        name: "dr-site",
        tunnels: ["orders", "billing", "flow", "audit"],
        fingerprints: ["SHA256:b"],
        keyGenerations: [],
        command: command(
          "dr-site",
          "-R 0.0.0.0:15000:orders-db.acme.internal:5432 -R '0.0.0.0:15001:[2001:db8::7]:3306' -R 8080:db.acme.internal:5678 -R 203.0.113.2:15002:DESTINATION:PORT",
          "tunnel",
        ),
        sshConfig: hostBlock(
          "dr-site",
          "tunnel",
          "RemoteForward 0.0.0.0:15000 orders-db.acme.internal:5432",
          "RemoteForward 0.0.0.0:15001 [2001:db8::7]:3306",
          "RemoteForward 8080 db.acme.internal:5678",
          "RemoteForward 203.0.113.2:15002 DESTINATION:PORT",
        ),
      },
    ],
    consumers: [
      {
        name: "flow",
        tunnels: ["flow", "audit"],
        fingerprints: ["SHA256:c"],
        keyGenerations: [],
        command: command("flow", "-L 8080:localhost:8080 -L 15002:203.0.113.2:15002", "consumer"),
        sshConfig: hostBlock("flow", "consumer", "LocalForward 8080 localhost:8080", "LocalForward 15002 203.0.113.2:15002"),
      },
    ],
    operators: [],
  });
});

test("an operator is told how to keep the status at hand", () => {
  const bastion = exampleBastion({ operators: [{ name: "on-call", generateKey: "ed25519" }], statusPort: 9100 });
  const { operators, statusPort } = describeBastion(described({ bastion }));
  expect(statusPort).toBe(9100);
  expect(operators).toEqual([
    {
      name: "on-call",
      fingerprints: ["SHA256:d"],
      keyGenerations: [1],
      command: command("on-call", "-L 9100:127.0.0.1:9100", "consumer"),
      sshConfig: hostBlock("on-call", "consumer", "LocalForward 9100 127.0.0.1:9100"),
    },
  ]);
});

test("where one user stands for both, every command says that user", () => {
  const description = describeBastion(described({ users: { tunnel: "me", consumer: "me" } }));
  expect(description).toMatchObject({ user: "me", consumerUser: "me", endpoint: "ssh://me@bastion.example.com:2222" });
  const commands = [...description.clients, ...description.consumers].map((peer) => peer.command);
  expect(commands.map((text) => text.split(" ").at(-1))).toEqual(Array(3).fill("me@bastion.example.com"));
  expect(description.consumers[0]?.sshConfig).toContain("\n    User me\n");
});

test("the port that was chosen is in every command, URL and known_hosts line", () => {
  const bastion = exampleBastion({ sshPort: 2200 });
  const { endpoint, consumerEndpoint, knownHosts, clients, consumers } = describeBastion(
    described({ bastion, hostKeys: [keyOf(ED25519_B)] }),
  );
  expect([endpoint, consumerEndpoint]).toEqual(["ssh://tunnel@bastion.example.com:2200", "ssh://consumer@bastion.example.com:2200"]);
  expect(knownHosts).toBe(`[bastion.example.com]:2200 ${ED25519_B.line}\n`);
  for (const { command: text, sshConfig } of [...clients, ...consumers]) {
    expect(text).toContain(" -p 2200 ");
    expect(sshConfig).toContain("\n    Port 2200\n");
  }
});

test("the next host keys are beside the present ones while they are announced, and marked", () => {
  const { hostKeys, knownHosts } = describeBastion(described({ hostKeys: [keyOf(ED25519_A)], announcedHostKeys: [keyOf(ED25519_B)] }));
  expect(hostKeys.map(({ fingerprint, announcedOnly }) => [fingerprint, announcedOnly])).toEqual([
    [ED25519_A.fingerprint, false],
    [ED25519_B.fingerprint, true],
  ]);
  expect(knownHosts).toBe(`[bastion.example.com]:2222 ${ED25519_A.line}\n[bastion.example.com]:2222 ${ED25519_B.line}\n`);
});

test("an IPv6 host is in brackets wherever a port follows it, and ssh takes the command", () => {
  const description = describeBastion(described({ host: "2001:db8::2", hostKeys: [keyOf(ED25519_C)] }));
  expect(description.endpoint).toBe("ssh://tunnel@[2001:db8::2]:2222");
  expect(description.knownHosts).toBe(`[2001:db8::2]:2222 ${ED25519_C.line}\n`);
  expect(description.tunnels[0]?.consumerAddresses).toEqual(["[2001:db8::2]:15000"]);
  const printed = run("sh", ["-c", (description.tunnels[0]?.commands[0]?.command ?? "").replace("ssh ", "ssh -G -F none ")]);
  expect(printed.split("\n").filter((line) => line.startsWith("hostname "))).toEqual(["hostname 2001:db8::2"]);
});

test("consumers are sent to where they reach bind ports, clients to the host they dial", () => {
  const description = describeBastion(described({ consumerHosts: ["10.0.0.7", "bastion.example.com"] }));
  expect(description.tunnels.map(({ name, consumerAddresses }) => [name, consumerAddresses])).toEqual([
    ["orders", ["10.0.0.7:15000", "bastion.example.com:15000"]],
    ["billing", ["10.0.0.7:15001", "bastion.example.com:15001"]],
    ["flow", []],
    ["audit", ["203.0.113.2:15002"]],
  ]);
  const { tunnels: _tunnels, ...rest } = description;
  const { tunnels: _others, ...restWithout } = describeBastion(described());
  expect(rest).toEqual(restWithout);
});

test("a consumer's IPv6 address is in brackets before its port", () => {
  const { tunnels } = describeBastion(described({ consumerHosts: ["2001:db8::2"] }));
  expect(tunnels[0]?.consumerAddresses).toEqual(["[2001:db8::2]:15000"]);
});

test("where what stands in front of sshd has another port, clients dial that one, and pin the host keys for it", () => {
  const description = describeBastion(described({ sshPort: 30222 }));
  expect([description.sshPort, description.endpoint, description.consumerEndpoint]).toEqual([
    30222,
    "ssh://tunnel@bastion.example.com:30222",
    "ssh://consumer@bastion.example.com:30222",
  ]);
  for (const { command, sshConfig } of [...description.clients, ...description.consumers]) {
    expect(command).toContain(" -p 30222 ");
    expect(sshConfig).toContain("\n    Port 30222\n");
  }
  expect(description.knownHosts.split("\n").filter((line) => line !== "" && !line.startsWith("[bastion.example.com]:30222 "))).toEqual([]);
});
