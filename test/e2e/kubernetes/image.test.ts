import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeKeySet, renderKeySet } from "../../../components/core/key-set.ts";
import { KeySetFile, PodProgram } from "../../../components/host/pod.ts";
import { type BuiltImage, buildImage, missingImagePrograms } from "../../cluster/image.ts";
import { exampleBastion, exampleTunnels } from "../../support/bastions.ts";
import { CustomerFolder } from "../support/customer.ts";
import { BASTION, Network } from "../support/network.ts";
import { connectTo, startEchoServer, waitForEcho } from "../support/platform.ts";
import { describeAsRoot } from "../support/root.ts";
import { waitUntil } from "../support/wait.ts";
import { ImagePod } from "./image-pod.ts";

const ECHO = 5678;
const USERS = { tunnel: "tunnel", consumer: "consumer" };
const TUNNEL = `ssh -N -o UserKnownHostsFile=known_hosts -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o BatchMode=yes -o ExitOnForwardFailure=yes -p 2222`;

const missing = missingImagePrograms();
const describeImage = (title: string, tests: () => void): void => {
  if (missing.length === 0) describeAsRoot(title, tests);
  else describe.skip(`${title} (skipped: there is no ${missing.join(", no ")} to build it with)`, tests);
};

/** A key set of the example's clients, with another key for the first of them. */
function keySetFor(publicKeys: readonly string[]): string {
  const bastion = exampleBastion({ clients: [{ name: "dc1", publicKeys, tunnels: ["orders"] }], consumers: [] });
  return renderKeySet(makeKeySet(bastion, USERS, exampleTunnels(), { clients: {}, consumers: {}, operators: {} }));
}

describeImage("the image", () => {
  let image: BuiltImage;

  beforeAll(async () => {
    image = await buildImage();
  });

  test("starts as a user with a number, and needs no command", () => {
    expect({ user: image.user, entrypoint: image.entrypoint }).toEqual({
      user: "10001:10001",
      entrypoint: ["/usr/bin/python3", "-I", "-S", "/usr/lib/reverse-bastion/bastion_pod/start.py"],
    });
    expect(image.labels["org.opencontainers.image.version"]).toMatch(/^\d+\.\d+\.\d+$/);
    expect(image.labels["org.opencontainers.image.revision"]).toMatch(/^[0-9a-f]{40}$/);
  });

  test("has no host key in any layer, no systemd, and compiled programs", () => {
    expect(image.paths).toEqual(expect.arrayContaining(["usr/sbin/sshd", "etc/ssh/ssh_config"]));
    expect(image.paths.filter((path) => /ssh_host_|\/bin\/systemctl$|etc\/machine-id/.test(path))).toEqual([]);
    const programs = image.paths.filter((path) => path.startsWith("usr/lib/reverse-bastion/bastion_pod/") && !path.endsWith("/"));
    expect(programs.map((path) => path.split("bastion_pod/")[1]).sort()).toEqual([
      "__init__.py",
      ...["__init__", "alive", "hosts_file", "ready", "start"].map((name) => `__pycache__/${name}.cpython-313.pyc`),
      ...["alive.py", "hosts_file.py", "ready.py", "start.py"],
    ]);
  });

  test("has nothing that gains rights by being run", () => {
    const find = (...conditions: string[]) =>
      execFileSync("find", [image.root, "-xdev", "-type", "f", ...conditions], { encoding: "utf8" });
    expect(find("-path", "*/usr/bin/su")).toBe(`${image.root}/usr/bin/su\n`);
    expect(find("-perm", "/6000")).toBe("");
  });

  test("says what is in it, package by package", () => {
    expect(image.sbom.spdxVersion).toBe("SPDX-2.3");
    const server = image.sbom.packages.find(({ name }) => name === "openssh-server");
    expect(server?.versionInfo).toMatch(/^1:10\.0p1-/);
    expect(server?.externalRefs?.[0]?.referenceLocator).toMatch(/^pkg:deb\/debian\/openssh-server@1%3A10\.0p1-.*&distro=debian-13/);
    expect(image.sbom.packages.length).toBeGreaterThan(80);
  });

  describe("in a pod", () => {
    let network: Network;
    let customer: CustomerFolder;
    let pod: ImagePod;
    let keySet: string;

    beforeEach(async () => {
      network = await Network.create();
      customer = new CustomerFolder(network);
      pod = await ImagePod.create(image, network);
      customer.write("known_hosts", `[${BASTION}]:2222 ${pod.hostKey}\n`);
      keySet = keySetFor([customer.makeKey("dc1.key")]);
      pod.deliver(KeySetFile.Plain, keySet);
      await startEchoServer(network, "127.0.0.1", ECHO);
    });

    afterEach(async () => {
      await network.endAll();
      await pod.remove();
      customer.remove();
      await network.remove();
    });

    const openTunnel = (key = "dc1.key") => customer.open(`${TUNNEL} -i ${key} -R 0.0.0.0:15000:127.0.0.1:${ECHO} tunnel@${BASTION}`);
    const isReady = () =>
      waitUntil("the pod to be ready", async () => (await pod.probe(PodProgram.Ready)) === "0" && (await pod.status()) !== undefined);
    const inForce = (document: string) =>
      waitUntil("the key set to be in force", async () => {
        const digest = createHash("sha256").update(document).digest("hex");
        return (await pod.status())?.keySet.digest === digest;
      });

    test("runs without root, capabilities and a file system to write to, and carries a tunnel", async () => {
      await pod.start();
      await isReady();
      expect(await pod.probe(PodProgram.Alive)).toBe("0");
      const { output } = await pod.run("grep", "-hE", "^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):", "/proc/1/status");
      expect(output.split("\n").map((line) => line.split(/\s+/).slice(0, 2).join(" "))).toEqual([
        "Uid: 10001",
        "CapEff: 0000000000000000",
        "CapBnd: 0000000000000000",
        "NoNewPrivs: 1",
        "Seccomp: 2",
      ]);
      expect((await pod.run("sh", "-c", "echo > /usr/lib/reverse-bastion/x")).output).toContain("Read-only file system");
      const session = openTunnel();
      await waitForEcho(network, BASTION, 15000);
      expect(session.isRunning).toBe(true);
      expect(await pod.probe(PodProgram.Ready)).toBe("0");
      expect(pod.log).toMatch(/sshd\[\d+\]: Accepted publickey for tunnel from 198\.51\.100\.7 /);
      expect(pod.log).not.toMatch(/127\.0\.0\.|kex_exchange/);
    });

    test("what the key command says is in the container's log", async () => {
      await pod.start();
      await isReady();
      const frozen = openTunnel();
      await waitForEcho(network, BASTION, 15000);
      frozen.freeze();
      openTunnel();
      await waitForEcho(network, BASTION, 15000);
      expect(pod.log).toMatch(/ bastion: session \d+ of SHA256:\S+ does not answer: ended\n/);
    });

    test("a key set that the volume shows is in force within seconds, and no tunnel notices", async () => {
      await pod.start();
      await isReady();
      const session = openTunnel();
      await waitForEcho(network, BASTION, 15000);
      const first = customer.read("dc1.key.pub").trim();
      const second = customer.makeKey("second.key");
      const both = keySetFor([first, second]);
      pod.deliver(KeySetFile.Plain, both);
      await inForce(both);
      expect(session.isRunning).toBe(true);
      expect(await connectTo(network, BASTION, 15000, "ping")).toMatch(/^answered/);

      pod.deliver(KeySetFile.Packed, gzipSync(keySetFor([second])));
      await inForce(keySetFor([second]));
      await session.ended();
      openTunnel("second.key");
      await waitForEcho(network, BASTION, 15000);
    });

    test("started again, its container goes on with the key set of before, also while the volume is empty", async () => {
      const first = await pod.start();
      await isReady();
      await first.stop(10);
      expect(await first.ended).toBe(0);
      pod.deliver("unrelated", "");
      await pod.start();
      await isReady();
      await inForce(keySet);
      openTunnel();
      await waitForEcho(network, BASTION, 15000);
    });

    test.each([
      [{ without: "/etc/passwd" }, `cannot start: /etc/passwd has no user 'tunnel'; mount one that does`],
      [{ uid: 10002 }, `cannot start: /etc/passwd gives 'tunnel' the id 10001, and this container runs as 10002: sshd could not log it in`],
      [{ without: "/var/lib/reverse-bastion/etc" }, "cannot start: /var/lib/reverse-bastion/etc/bastion.json: "],
    ])("says what a pod lacks: %j", async (changes, said) => {
      const container = await pod.start(changes);
      expect(await container.ended).toBe(1);
      expect(pod.log).toContain(said);
    });
  });
});
