import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { World, type WorldState } from "../cloud/world/world.ts";
import { Cloud, describeWithMachines } from "./support/cloud.ts";
import { CUSTOMER, Network, STRANGER } from "./support/network.ts";
import { connectTo } from "./support/platform.ts";
import { waitUntil } from "./support/wait.ts";

const INSTANCE = "i-0123456789abcdef0";
const ADDRESS = "192.0.2.130";
const ECHO = 7007;
/** Something listens there, and no rule lets anybody in. */
const UNDECLARED = 7008;
const READ_PARAMETERS = resolve(import.meta.dirname, "../cloud/aws/data-plane/read-parameters.py");

const ECHO_PROGRAM = `#!/usr/bin/python3
import socketserver, sys
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(4096):
            self.request.sendall(data)
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("0.0.0.0", int(sys.argv[1])), Echo).serve_forever()
`;

const USER_DATA = `#cloud-config
${JSON.stringify({
  write_files: [
    { path: "/usr/local/bin/echo-server", permissions: "0755", content: ECHO_PROGRAM },
    {
      path: "/etc/systemd/system/echo@.service",
      content: "[Service]\nExecStart=/usr/local/bin/echo-server %i\n[Install]\nWantedBy=multi-user.target\n",
    },
    { path: "/root/read-parameters.py", content: readFileSync(READ_PARAMETERS, "utf8") },
  ],
  runcmd: ["echo configured >> /root/configured", ["systemctl", "enable", "--now", `echo@${ECHO}.service`, `echo@${UNDECLARED}.service`]],
})}
`;

function records(): WorldState["records"] {
  const rule = (port: number, cidrIpv4: string) => ({ securityGroupId: "sg-1", ipProtocol: "tcp", fromPort: port, toPort: port, cidrIpv4 });
  return {
    "aws:ec2/instance:Instance": {
      [INSTANCE]: {
        availabilityZone: "eu-central-1a",
        primaryNetworkInterface: { networkInterfaceId: "eni-1" },
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        iamInstanceProfile: "profile",
        userData: USER_DATA,
      },
    },
    "aws:ec2/networkInterface:NetworkInterface": {
      "eni-1": { privateIp: "10.0.1.10", privateIps: ["10.0.1.10"], securityGroups: ["sg-1"] },
    },
    "aws:ec2/eip:Eip": { "eipalloc-1": { allocationId: "eipalloc-1", publicIp: ADDRESS } },
    "aws:ec2/eipAssociation:EipAssociation": { "eipassoc-1": { allocationId: "eipalloc-1", networkInterfaceId: "eni-1" } },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
      "sgr-1": rule(22, `${CUSTOMER}/32`),
      "sgr-2": rule(ECHO, `${CUSTOMER}/32`),
    },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": { "sgr-3": rule(443, "0.0.0.0/0") },
    "aws:iam/instanceProfile:InstanceProfile": { profile: { name: "profile", role: "reader" } },
    "aws:iam/rolePolicy:RolePolicy": {
      reader: {
        role: "reader",
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "ssm:GetParameters", Resource: "arn:aws:ssm:eu-central-1:*:parameter/bastion/acme/*" }],
        }),
      },
    },
    "aws:ssm/parameter:Parameter": {
      "/bastion/acme/host-keys": { name: "/bastion/acme/host-keys", type: "SecureString", value: "a secret" },
      "/bastion/other/host-keys": { name: "/bastion/other/host-keys", type: "SecureString", value: "not ours" },
    },
  };
}

describeWithMachines("a machine of the stand-in cloud", () => {
  const folder = mkdtempSync(join(tmpdir(), "world-"));
  let network: Network;
  let cloud: Cloud;
  let world: World;

  beforeAll(async () => {
    network = await Network.create();
    world = World.create(folder);
    await world.change((state) => Object.assign(state.records, records()));
    cloud = await Cloud.start(network, folder);
    await cloud.boot(INSTANCE);
    await cloud.waitForSshd(INSTANCE, ADDRESS, 22);
    await waitForEcho();
  }, 600_000);

  afterAll(async () => {
    await cloud?.stop();
    await network?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const echo = (from: string, port = ECHO) => connectTo(network, ADDRESS, port, "ping", from);
  const waitForEcho = () => waitUntil("an echo", 30, async () => (await echo(CUSTOMER)) === "answered ping");
  const inside = async (...command: readonly string[]) => (await cloud.run(INSTANCE, ...command)).stdout.trim();
  const readParameters = async (names: readonly string[], ...env: readonly string[]) => {
    const [status, body] = (await inside("env", ...env, "python3", "/root/read-parameters.py", "eu-central-1", ...names)).split("\n");
    return { status: Number(status), body: body ?? "" };
  };

  test("is configured by cloud-init from the metadata service of EC2, without a failure", async () => {
    const { detail, errors, recoverable_errors } = JSON.parse(await inside("cloud-init", "status", "--wait", "--format=json")) as Record<
      string,
      unknown
    >;
    expect({ detail, errors, recoverable_errors }).toEqual({ detail: "DataSourceEc2Local", errors: [], recoverable_errors: {} });
    expect(await inside("cloud-init", "query", "instance_id")).toBe(INSTANCE);
    expect(await inside("systemctl", "is-system-running", "--wait")).toBe("running");
  });

  test("is reached where a rule lets somebody in, and is silent otherwise", async () => {
    expect(await Promise.all([echo(CUSTOMER), echo(STRANGER), echo(CUSTOMER, UNDECLARED)])).toEqual([
      "answered ping",
      "timeout",
      "timeout",
    ]);
    expect(await inside("ss", "-Hltn", `sport = ${UNDECLARED}`)).toContain(`0.0.0.0:${UNDECLARED}`);
  });

  test("has no right over what it shares with the machine it runs on", async () => {
    const rights = async (...command: readonly string[]) => /CapEff:\s*(\w+)/.exec(await inside(...command))?.[1] ?? "";
    const sysModule = 1n << 16n;
    const sysTime = 1n << 25n;
    for (const status of ["/proc/1/status", "/proc/self/status"])
      expect(BigInt(`0x${await rights("cat", status)}`) & (sysModule | sysTime), status).toBe(0n);
  });

  test("follows a change of the rules", async () => {
    const type = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
    await world.alter(type, "sgr-2", { cidrIpv4: `${STRANGER}/32` });
    await waitUntil("the stranger to be let in", 5, async () => (await echo(STRANGER)) === "answered ping");
    expect(await echo(CUSTOMER)).toBe("timeout");
    await world.alter(type, "sgr-2", { cidrIpv4: `${CUSTOMER}/32` });
    await waitForEcho();
  });

  test("gets nothing from the metadata service without a token, nor for somebody else", async () => {
    const ask = (...args: readonly string[]) => inside("python3", "-c", ASK, ...args).then((answer) => answer.slice(0, 3));
    expect(await ask("GET", "/latest/meta-data/instance-id")).toBe("401");
    expect(await ask("PUT", "/latest/api/token")).toBe("400");
    expect(await ask("PUT", "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds: 60")).toBe("200");
    expect(await ask("PUT", "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds: 60", "X-Forwarded-For: 10.0.0.1")).toBe("403");
  });

  test("reads the parameters that its role may read, and no others", async () => {
    const allowed = await readParameters(["/bastion/acme/host-keys", "/bastion/acme/absent"]);
    const { Parameters: found, InvalidParameters: absent } = JSON.parse(allowed.body) as Record<string, { Name: string; Value: string }[]>;
    expect(found?.map(({ Name, Value }) => ({ Name, Value }))).toEqual([{ Name: "/bastion/acme/host-keys", Value: "a secret" }]);
    expect(absent).toEqual(["/bastion/acme/absent"]);
    expect((await readParameters(["/bastion/other/host-keys"])).body).toContain("AccessDeniedException");
    expect((await readParameters(["/bastion/acme/host-keys"], "SKEW=-400")).body).toMatch(/InvalidSignatureException.*Signature expired/);
  });

  test("meets a store that throttles, is gone, and comes back", async () => {
    const name = ["/bastion/acme/host-keys"];
    await cloud.breakStore("throttling");
    expect((await readParameters(name)).body).toContain("ThrottlingException");
    await cloud.breakStore("unreachable");
    expect((await readParameters(name)).body).toContain("timed out");
    await cloud.breakStore(undefined);
    expect((await readParameters(name)).status).toBe(200);
  });

  test("keeps its disk over a reboot and a power cut, and is not configured again", async () => {
    await inside("sh", "-c", "echo kept > /root/kept; sync");
    const boot = await inside("cat", "/proc/sys/kernel/random/boot_id");
    await cloud.reboot(INSTANCE);
    await waitForEcho();
    expect(await inside("cat", "/root/kept", "/root/configured")).toBe("kept\nconfigured");
    expect(await inside("cat", "/proc/sys/kernel/random/boot_id")).not.toBe(boot);
    await cloud.powerCut(INSTANCE);
    expect(await cloud.isRunning(INSTANCE)).toBe(false);
    await cloud.boot(INSTANCE);
    await waitForEcho();
    expect(await inside("cat", "/root/kept", "/root/configured")).toBe("kept\nconfigured");
  });

  test("leaves nothing behind when it is terminated, nor does its host", async () => {
    await cloud.terminate(INSTANCE);
    expect(await echo(CUSTOMER)).toBe("timeout");
    await cloud.stop();
    const links = await network.run("ip", ["-brief", "link"]);
    expect(links.stdout.split("\n").map((line) => line.split(/\s/)[0])).toEqual(["lo", ""]);
    const left = execFileSync("sh", ["-c", 'find /sys/fs/cgroup -name "$1"; mount; ps -eo args', "sh", network.name], { encoding: "utf8" });
    expect(
      left.split("\n").filter((line) => line.includes(INSTANCE) || (line.endsWith(`/${network.name}`) && line.startsWith("/sys"))),
    ).toEqual([]);
  });
});

/** Asks the metadata service something; the first word is the status. */
const ASK = `import http.client, sys
connection = http.client.HTTPConnection("169.254.169.254", timeout=5)
connection.request(sys.argv[1], sys.argv[2], headers=dict(header.split(": ") for header in sys.argv[3:]))
answer = connection.getresponse()
print(answer.status, answer.read().decode())`;
