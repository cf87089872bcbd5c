import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { World, type WorldRecord, type WorldState } from "../../cloud/world/world.ts";
import { Cloud, describeWithMachines } from "./cloud.ts";
import { CUSTOMER, Network, STRANGER } from "./network.ts";
import { connectTo } from "./platform.ts";
import { waitUntil } from "./wait.ts";

/** The machine's one public address. */
export const ADDRESS = "192.0.2.130";
export const ECHO = 7007;
/** Something listens there, and no rule lets anybody in. */
export const UNDECLARED = 7008;

/** What a machine is to have on both ports. */
export const ECHO_PROGRAM = `#!/usr/bin/python3
import socketserver, sys
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(4096):
            self.request.sendall(data)
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("0.0.0.0", int(sys.argv[1])), Echo).serve_forever()
`;
export const ECHO_UNIT = "[Service]\nExecStart=/usr/local/bin/echo-server %i\n[Install]\nWantedBy=multi-user.target\n";
export const START_ECHO = ["systemctl", "enable", "--now", "--no-block", `echo@${ECHO}.service`, `echo@${UNDECLARED}.service`];

/** One cloud's records of one machine, and how the machine is told to do what every cloud's can. */
export interface MachineScene {
  readonly cloud: string;
  /** As the machine host knows it. */
  readonly instance: string;
  readonly seeds: WorldState["seeds"];
  readonly records: WorldState["records"];
  /** The record that lets the customer reach the echo, and what it says of a source. */
  readonly echoRule: { readonly type: string; readonly id: string; readonly from: (block: string) => WorldRecord };
  /** How often it has been configured when it was started for the nth time. */
  readonly timesConfigured: (starts: number) => number;
  /** Reads a secret, inside, and prints what came of it. */
  readonly readSecret: readonly string[];
  /** What it prints: the secret, and what the store says when it is asked too often. */
  readonly printed: { readonly secret: RegExp; readonly throttled: RegExp };
}

/** A machine while it runs. */
export interface RunningMachine {
  readonly world: World;
  readonly network: Network;
  readonly cloud: Cloud;
  /** Runs a command inside, as root, and gives what it printed. */
  inside(...command: readonly string[]): Promise<string>;
}

/** The tests of a cloud's machine: what each has to show, with what only this one has. */
export function describeMachine(scene: MachineScene, itsOwn: (machine: RunningMachine) => void): void {
  describeWithMachines(`a machine of the stand-in ${scene.cloud}`, () => {
    const { instance, echoRule, readSecret, printed } = scene;
    const folder = mkdtempSync(join(tmpdir(), "world-"));
    const world = World.create(folder, scene.seeds);
    let network: Network;
    let cloud: Cloud;
    let starts = 1;

    beforeAll(async () => {
      network = await Network.create();
      await world.change((state) => Object.assign(state.records, scene.records));
      cloud = await Cloud.start(network, folder);
      await cloud.boot(instance);
      await cloud.waitForSshd(instance, ADDRESS, 22);
      await waitForEcho();
    });

    afterAll(async () => {
      await cloud?.stop();
      await network?.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    const echo = (from: string, port = ECHO) => connectTo(network, ADDRESS, port, "ping", from);
    const waitForEcho = () => waitUntil("an echo", async () => (await echo(CUSTOMER)) === "answered ping");
    const inside = async (...command: readonly string[]) => (await cloud.run(instance, ...command)).stdout.trim();
    const waitForDisk = () =>
      waitUntil("what was on the disk", async () => (await inside("cat", "/root/kept", "/root/configured")) === `kept\n${configured()}`);
    const configured = () => Array(scene.timesConfigured(starts)).fill("configured").join("\n");

    itsOwn({
      world,
      get network() {
        return network;
      },
      get cloud() {
        return cloud;
      },
      inside,
    });

    test("comes up without a failed unit", async () => {
      expect(await inside("systemctl", "is-system-running", "--wait")).toBe("running");
      expect(await inside("cat", "/root/configured")).toBe(configured());
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
      await world.alter(echoRule.type, echoRule.id, echoRule.from(`${STRANGER}/32`));
      await waitUntil("the stranger to be let in", async () => (await echo(STRANGER)) === "answered ping");
      expect(await echo(CUSTOMER)).toBe("timeout");
      await world.alter(echoRule.type, echoRule.id, echoRule.from(`${CUSTOMER}/32`));
      await waitForEcho();
    });

    test("meets a store that throttles, is gone, and comes back", async () => {
      await cloud.breakStore("throttling");
      expect(await inside(...readSecret)).toMatch(printed.throttled);
      await cloud.breakStore("unreachable");
      expect(await inside(...readSecret)).toContain("timed out");
      await cloud.breakStore(undefined);
      expect(await inside(...readSecret)).toMatch(printed.secret);
    });

    test("keeps its disk over a reboot and a power cut", async () => {
      await inside("sh", "-c", "echo kept > /root/kept; sync");
      const boot = await inside("cat", "/proc/sys/kernel/random/boot_id");
      await cloud.reboot(instance);
      starts += 1;
      await waitForEcho();
      await waitForDisk();
      expect(await inside("cat", "/proc/sys/kernel/random/boot_id")).not.toBe(boot);
      await cloud.powerCut(instance);
      expect(await cloud.isRunning(instance)).toBe(false);
      await cloud.boot(instance);
      starts += 1;
      await waitForEcho();
      await waitForDisk();
    });

    test("leaves nothing behind when it is terminated, nor does its host", async () => {
      await cloud.terminate(instance);
      expect(await echo(CUSTOMER)).toBe("timeout");
      await cloud.stop();
      const links = await network.run("ip", ["-brief", "link"]);
      expect(links.stdout.split("\n").map((line) => line.split(/\s/)[0])).toEqual(["lo", ""]);
      const left = execFileSync("sh", ["-c", 'find /sys/fs/cgroup -name "$1"; mount; ps -eo args', "sh", network.name], {
        encoding: "utf8",
      });
      expect(
        left.split("\n").filter((line) => line.includes(instance) || (line.endsWith(`/${network.name}`) && line.startsWith("/sys"))),
      ).toEqual([]);
    });
  });
}

/** Asks the metadata service something, inside: METHOD PATH HEADER…; prints the status and what was answered. */
export const ASK_METADATA = `import http.client, sys
connection = http.client.HTTPConnection("169.254.169.254", timeout=30)
connection.request(sys.argv[1], sys.argv[2], headers=dict(header.split(": ") for header in sys.argv[3:]))
answer = connection.getresponse()
print(answer.status, answer.read().decode())
print(answer.headers.get("ETag", ""))`;
