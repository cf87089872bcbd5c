import { describe, expect, test } from "vitest";
import { parseCidr } from "../../components/core/cidr.ts";
import { parseWorkloads } from "../../components/core/kubernetes/workloads.ts";
import { PodProgram, podCommand, REFRESH_COMMAND, renderPod } from "../../components/host/pod.ts";
import { exampleBastion } from "../support/bastions.ts";

const OPTIONS = {
  allowedSources: [parseCidr("198.51.100.0/24")],
  penaltyExemptCidrs: [parseCidr("127.0.0.1/32"), parseCidr("10.0.0.0/8")],
};

const filesOf = (bastion = exampleBastion()) => renderPod(bastion, OPTIONS);

describe("the files of a pod", () => {
  test("are its configuration and its accounts; the programs are in the image", () => {
    const { configuration, accounts } = filesOf();
    expect([Object.keys(configuration), Object.keys(accounts)]).toEqual([
      ["sshd_config", "bastion.json"],
      ["passwd", "group"],
    ]);
    expect(JSON.parse(configuration["bastion.json"] ?? "")).toEqual({
      directory: "/var/lib/reverse-bastion",
      sshd: "/usr/sbin/sshd",
      sshKeygen: "/usr/bin/ssh-keygen",
      sshPort: 2222,
      statusPort: 9422,
      users: ["tunnel", "consumer"],
    });
  });

  test("give both login users the id that sshd runs as, with neither password nor shell, and neither of them locked", () => {
    const { accounts } = filesOf(exampleBastion({ tunnelUser: "acme", consumerUser: "acme_reader" }));
    expect(accounts.passwd?.split("\n")).toEqual([
      "root:*:0:0:root:/root:/usr/sbin/nologin",
      "acme:*:10001:10001::/nonexistent:/usr/sbin/nologin",
      "acme_reader:*:10001:10001::/nonexistent:/usr/sbin/nologin",
      "",
    ]);
    expect(accounts.group).toBe("root:x:0:\nacme:x:10001:\n");
  });

  test("have sshd take keys from the program, clients from where it is told, and host keys from where they are in force", () => {
    const lines = filesOf()
      .configuration.sshd_config?.split("\n")
      .map((line) => line.trim());
    const command = "/usr/lib/reverse-bastion/bastion_host/authorized_keys_command.py /var/lib/reverse-bastion/etc/bastion.json";
    for (const line of [
      "Port 2222",
      "AddressFamily inet",
      "AllowUsers tunnel@198.51.100.0/24 consumer@198.51.100.0/24",
      "Include /var/lib/reverse-bastion/live/host-keys.conf",
      `AuthorizedKeysCommand /usr/bin/python3 -I -S ${command} %u %t %k %f`,
      "AuthorizedKeysCommandUser tunnel",
      "Include /var/lib/reverse-bastion/live/sshd/tunnel.conf",
      "PerSourcePenaltyExemptList 127.0.0.1/32,10.0.0.0/8",
      "UsePAM no",
      "PidFile none",
    ])
      expect(lines).toContain(line);
  });

  test("do not change with clients, keys and tunnels", () => {
    const bare = exampleBastion({ clients: [{ name: "other", generateKey: "ed25519" }], consumers: [], tunnels: [{ name: "x" }] });
    expect(filesOf(bare)).toEqual(filesOf());
  });

  test("change with the port and the ciphers of sshd", () => {
    for (const changes of [{ sshPort: 2200 }, { legacyCiphers: true }]) expect(filesOf(exampleBastion(changes))).not.toEqual(filesOf());
  });
});

describe("with workload pods whose users' keys are discovered", () => {
  const spec = { namespaces: ["team-b", "team-a"], podLabels: { team: "data", ssh: "on" }, sshPorts: [2222, 22] };
  const filesWith = (workloads = parseWorkloads(spec, "bastions")) => renderPod(exampleBastion(), { ...OPTIONS, workloads });

  test("the programs are told which pods, and where their keys are: every field, also where it does not apply", () => {
    const { configuration } = filesWith();
    expect(Object.keys(configuration)).toEqual(["sshd_config", "bastion.json", "workloads.json"]);
    expect(configuration["workloads.json"]).toBe(`{
  "user": "jump",
  "namespaces": [
    "team-a",
    "team-b"
  ],
  "labelSelector": "ssh=on,team=data",
  "sshPorts": [
    22,
    2222
  ],
  "keySource": "annotation",
  "annotation": "reverse-bastion/authorized-keys",
  "dataKey": "authorized_keys",
  "httpPort": 8080,
  "httpPath": "/authorized_keys"
}
`);
    const other = { keySource: "http", httpPort: 80, httpPath: "/keys", user: "dev", annotation: "a", dataKey: "b" } as const;
    expect(JSON.parse(filesWith(parseWorkloads(other, "bastions")).configuration["workloads.json"] ?? "")).toEqual({
      ...other,
      namespaces: ["bastions"],
      labelSelector: "reverse-bastion/ssh=enabled",
      sshPorts: [2222],
    });
  });

  test("there is one more account, of the same id, and the bastion's own settings are the same", () => {
    const { configuration, accounts } = filesWith(parseWorkloads({ user: "dev" }, "bastions"));
    expect(accounts).toEqual({
      passwd: `${filesOf().accounts.passwd}dev:*:10001:10001::/nonexistent:/usr/sbin/nologin\n`,
      group: filesOf().accounts.group,
    });
    expect(configuration["bastion.json"]).toBe(filesOf().configuration["bastion.json"]);
  });

  test("sshd asks the program that knows pods for the keys of the one user, and of no other", () => {
    const { sshd_config: text = "" } = filesWith().configuration;
    const [, tunnel, consumer, jump] = text.split("Match User ");
    const command = (program: string, file: string) =>
      `AuthorizedKeysCommand /usr/bin/python3 -I -S /usr/lib/reverse-bastion/${program} /var/lib/reverse-bastion/etc/${file} %u %t %k %f\n`;
    for (const block of [tunnel, consumer]) expect(block).toContain(command("bastion_host/authorized_keys_command.py", "bastion.json"));
    expect(jump).toMatch(/^jump\n/);
    expect(jump).toContain(command("bastion_workloads/keys_command.py", "workloads.json"));
    expect(jump).toContain("    AuthorizedKeysCommandUser tunnel\n");
    expect(jump).toContain("    PermitOpen *:22 *:2222\n");
    expect(text).toContain("\nAllowUsers tunnel@198.51.100.0/24 consumer@198.51.100.0/24 jump@198.51.100.0/24\n");
  });
});

test("a program of the image is run by the image's Python, without anything that others could have put there", () => {
  expect(podCommand(PodProgram.Ready)).toEqual(["/usr/bin/python3", "-I", "-S", "/usr/lib/reverse-bastion/bastion_pod/ready.py"]);
  expect(podCommand(PodProgram.Alive)).toEqual(["/usr/bin/python3", "-I", "-S", "/usr/lib/reverse-bastion/bastion_pod/alive.py"]);
  expect(podCommand(PodProgram.HostsFile)).toEqual(["/usr/bin/python3", "-I", "-S", "/usr/lib/reverse-bastion/bastion_pod/hosts_file.py"]);
  expect(REFRESH_COMMAND).toEqual(["/usr/bin/python3", "-I", "-S", "/usr/lib/reverse-bastion/bastion_workloads/refresh.py"]);
});
