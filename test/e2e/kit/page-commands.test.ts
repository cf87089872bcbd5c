import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { renderKit } from "../../../components/kit/kit.ts";
import { writeKit } from "../../kit/example-kit.ts";
import { ED25519_B } from "../../support/keys.ts";
import { makeKey } from "../../support/openssh.ts";
import { ECHO, Scene } from "../support/bastion-scene.ts";
import { describeWithBrowser, startBrowser } from "../support/browser.ts";
import { SshSession } from "../support/customer.ts";
import { connectTo, waitForEcho } from "../support/platform.ts";
import { describeAsRoot } from "../support/root.ts";
import { LOCAL } from "../support/site.ts";
import { waitUntil } from "../support/wait.ts";

const NOBODY_LISTENS = 5999;
const CLOSES_AT_ONCE = 2298;
const RESETS_AT_ONCE = 2297;
const REFUSES = 2299;

/** Servers that end every connection at the first thing that is said. */
const RUDE_SERVERS = `
  const { createServer } = require("node:net");
  createServer((socket) => socket.once("data", () => socket.end())).listen(${CLOSES_AT_ONCE}, "0.0.0.0");
  createServer((socket) => socket.once("data", () => socket.resetAndDestroy())).listen(${RESETS_AT_ONCE}, "0.0.0.0");
`;

describeAsRoot("what the page of a kit says, tried with its bastion", () => {
  describeWithBrowser("in a browser", () => {
    let scene: Scene;
    let browser: Browser;
    let page: Page;
    const sessions: SshSession[] = [];
    const folders: string[] = [];

    beforeAll(async () => {
      browser = await startBrowser();
      scene = await Scene.set(
        () => ({
          tunnels: [
            { name: "orders", destination: `127.0.0.1:${ECHO}`, bindPort: 15000 },
            { name: "flow", destination: `localhost:${ECHO}`, bindPort: 15001, bindAddress: "loopback" },
            { name: "gone", destination: `127.0.0.1:${NOBODY_LISTENS}`, bindPort: 15002 },
            { name: "unknown", destination: "nowhere.invalid:5432", bindPort: 15003 },
          ],
          clients: [
            { name: "dc1", generateKey: "ed25519", tunnels: ["orders", "flow"] },
            { name: "dc2", generateKey: "ed25519", tunnels: ["gone"] },
            { name: "dc3", generateKey: "ed25519", tunnels: ["unknown"] },
          ],
        }),
        { site: LOCAL },
      );
      page = await (await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] })).newPage();
    });

    afterEach(async () => {
      for (const session of sessions.splice(0)) if (session.isRunning) await session.end();
    });

    afterAll(async () => {
      await browser?.close();
      await scene?.remove();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });

    /** A folder as a customer has it: the kit, and the key that came separately. The browser shows its page. */
    async function unpack(client = "dc1", place: { host?: string; sshPort?: number } = {}): Promise<string> {
      const folder = mkdtempSync(join(tmpdir(), "kit-"));
      folders.push(folder);
      const knownHosts = scene.outputs.knownHosts.replaceAll("]:2222", `]:${place.sshPort ?? 2222}`);
      writeKit(folder, renderKit({ customer: "acme", client, description: { ...scene.outputs, knownHosts, ...place } }));
      writeFileSync(join(folder, `${client}.key`), scene.outputs.clientPrivateKeys[client] ?? "", { mode: 0o600 });
      await page.goto(pathToFileURL(join(folder, "index.html")).href);
      return folder;
    }

    /** Presses the button beside a command, and types what it has copied. */
    async function copyAndRun(folder: string, command: string): Promise<SshSession> {
      await page.evaluate("navigator.clipboard.writeText('nothing')");
      await page.locator(".command", { hasText: command }).first().getByRole("button").click();
      await page.getByRole("status").filter({ hasText: "Copied." }).waitFor({ state: "attached" });
      const copied = String(await page.evaluate("navigator.clipboard.readText()"));
      expect(copied).toBe(command);
      const session = new SshSession(
        scene.network.start("sh", ["-c", `exec ${copied}`], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] }),
      );
      sessions.push(session);
      return session;
    }

    test.each(["sh connect.sh --test", "ssh -v -N -T -F ssh_config bastion"])(
      "%s, copied from the page, connects and prints what the page says",
      async (command) => {
        const session = await copyAndRun(await unpack(), command);
        await waitForEcho(scene.network, scene.host, 15000);
        await waitForEcho(scene.network, "127.0.0.1", 15001);
        const expected = await page.locator(".output samp").allTextContents();
        expect(expected).toHaveLength(4);
        await waitUntil(`all of ${expected}`, () => expected.every((line) => lineMatching(line).test(session.said)));
      },
    );

    const raw = "ssh -v -N -T -F ssh_config bastion";

    test("each failure is found in the table by what ssh prints", async () => {
      const other = makeKey(temporary(), "ed25519");
      scene.network.start("node", ["--eval", RUDE_SERVERS], { stdio: "ignore" });
      await waitUntil("the rude servers", async () => (await connectTo(scene.network, scene.host, RESETS_AT_ONCE)) !== "refused");

      await expectFound(await unpack("dc1", { host: "bastion.invalid" }), "ssh: Could not resolve hostname bastion.invalid");
      await expectFound(
        await unpack("dc1", { sshPort: REFUSES }),
        `ssh: connect to host ${scene.host} port ${REFUSES}: Connection refused`,
      );
      await expectFound(await unpack("dc1", { sshPort: CLOSES_AT_ONCE }), "kex_exchange_identification: Connection closed by remote host");
      await expectFound(await unpack("dc1", { sshPort: RESETS_AT_ONCE }), `Connection reset by ${scene.host} port ${RESETS_AT_ONCE}`);

      const withoutHostKeys = await unpack();
      rmSync(join(withoutHostKeys, "known_hosts"));
      await expectFound(withoutHostKeys, `No ED25519 host key is known for [${scene.host}]:2222 and you have requested strict checking.`);

      const withOtherHostKey = await unpack();
      writeFileSync(join(withOtherHostKey, "known_hosts"), `[${scene.host}]:2222 ${ED25519_B.line}\n`);
      await expectFound(withOtherHostKey, "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!");

      const withOtherKey = await unpack();
      cpSync(other.path, join(withOtherKey, "dc1.key"));
      await expectFound(withOtherKey, `tunnel@${scene.host}: Permission denied (publickey).`);

      const withoutKey = await unpack();
      rmSync(join(withoutKey, "dc1.key"));
      const said = await expectFound(withoutKey, `tunnel@${scene.host}: Permission denied (publickey).`);
      expect(said).toContain("no such identity: ./dc1.key");

      const running = await unpack();
      const session = await copyAndRun(running, raw);
      await waitForEcho(scene.network, scene.host, 15000);
      await expectFound(await unpack(), "Error: remote port forwarding failed for listen port 15000");
      await session.end();
    });

    test("a key that others may read, and a damaged one, are found before the refusal they lead to", async () => {
      const open = await unpack();
      rmSync(join(open, "dc1.key"));
      writeFileSync(join(open, "dc1.key"), scene.outputs.clientPrivateKeys.dc1 ?? "", { mode: 0o644 });
      const denied = `tunnel@${scene.host}: Permission denied (publickey).`;
      await expectFound(open, "WARNING: UNPROTECTED PRIVATE KEY FILE!", denied);

      const damaged = await unpack();
      const key = scene.outputs.clientPrivateKeys.dc1 ?? "";
      writeFileSync(join(damaged, "dc1.key"), key.slice(0, key.length / 2), { mode: 0o600 });
      await expectFound(damaged, 'Load key "./dc1.key": error in libcrypto', denied);
    });

    test("a data source that is down is told from a tunnel that is down", async () => {
      const folder = await unpack("dc2");
      expect(await connectTo(scene.network, scene.host, 15002, "ping")).toBe("refused");
      const session = await copyAndRun(folder, raw);
      await waitUntil("the tunnel", () => session.said.includes("remote forward success"));
      expect(await connectTo(scene.network, scene.host, 15002, "ping")).not.toBe("refused");
      await waitUntil("ssh to tell", () => session.said.includes("connect_to"));
      expect(await found(session.said)).toEqual([`connect_to 127.0.0.1 port ${NOBODY_LISTENS}: failed.`]);
    });

    test("a destination whose name is not known", async () => {
      const folder = await unpack("dc3");
      const session = await copyAndRun(folder, raw);
      await waitUntil("the tunnel", () => session.said.includes("remote forward success"));
      await connectTo(scene.network, scene.host, 15003, "ping");
      await waitUntil("ssh to tell", () => session.said.includes("connect_to"));
      expect(await found(session.said)).toEqual(["connect_to nowhere.invalid: unknown host"]);
    });

    test("packets that are dropped are a time-out, before the connection and during it", async () => {
      const folder = await unpack();
      const session = await copyAndRun(folder, raw);
      await waitForEcho(scene.network, scene.host, 15000);
      await dropPackets();
      try {
        await expectFound(await unpack("dc2"), `ssh: connect to host ${scene.host} port 2222: Connection timed out`);
        await session.ended();
        expect(await found(session.said)).toEqual([`Timeout, server ${scene.host} not responding.`]);
      } finally {
        await scene.network.run("nft", ["delete", "table", "ip", "firewall"]);
      }
    });

    async function dropPackets(): Promise<void> {
      const rule =
        "add table ip firewall; add chain ip firewall in { type filter hook input priority 0; }; add rule ip firewall in tcp dport 2222 drop";
      await scene.network.run("nft", [rule]);
    }

    /** Runs the kit's command to its end, and looks up on the page what ssh has said. */
    async function expectFound(folder: string, ...symptoms: readonly string[]): Promise<string> {
      const session = await copyAndRun(folder, raw);
      await session.ended();
      expect(await found(session.said), session.said).toEqual(symptoms);
      return session.said;
    }

    /** The symptoms on the page that are among what ssh has said. */
    async function found(said: string): Promise<string[]> {
      return (await page.locator(".failures th samp").allTextContents()).filter((symptom) => said.includes(symptom));
    }

    function temporary(): string {
      const folder = mkdtempSync(join(tmpdir(), "key-"));
      folders.push(folder);
      return folder;
    }
  });
});

/** A line as the page shows it, where `…` stands for what it cannot know. */
function lineMatching(line: string): RegExp {
  const literal = line.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}\\r?$`, "m");
}
