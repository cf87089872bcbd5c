import { afterAll, beforeAll, expect, test } from "vitest";
import { PatchType } from "../../cluster/api.ts";
import { NAMESPACE, POD } from "../../cluster/node/api/kinds.ts";
import { NODE_ADDRESS } from "../../cluster/node/network/addresses.ts";
import { ECHO } from "../support/bastion-scene.ts";
import { CONSUMER_LABELS, describeWithCluster, type KubernetesSite } from "../support/kubernetes-site.ts";
import { CUSTOMER } from "../support/network.ts";
import { waitUntil } from "../support/wait.ts";
import { SSH_ENABLED, WORKLOAD_HTTP, WorkloadPod } from "../support/workload-pod.ts";
import { WorkloadScene } from "../support/workload-scene.ts";

const NAMESPACES = ["team-a", "team-b"];
const KEYS_ANNOTATION = "reverse-bastion/authorized-keys";
/** How the bastion says that the API server does not answer. */
const NO_ANSWER = /\/api\/v1\/namespaces\/team-a\/pods: no answer within \d+ s/;
/** Moments of the cache are in its first line; a quarter of an hour later it is rebuilt at a login. */
const AGE_CACHE = `
import pathlib
file = pathlib.Path("/var/lib/reverse-bastion/live/workloads/keys")
first, rest = file.read_text().split("\\n", 1)
marker, *words = first.split()
assert marker == "#" and words[::2] == ["rebuilt", "updated"], first
aged = " ".join(["#", *(f"{word} {float(moment) - 1000!r}" for word, moment in zip(words[::2], words[1::2]))])
file.write_text(f"{aged}\\n{rest}")
`;

describeWithCluster("a jump host whose users' keys are found in workload pods", () => {
  let scene: WorkloadScene;
  let site: KubernetesSite;
  let lab: WorkloadPod;
  let web: WorkloadPod;
  /** Without the label. */
  let plain: WorkloadPod;
  /** With it, in a namespace that is none of the bastion's. */
  let foreign: WorkloadPod;
  /** Public keys by the names of their files. */
  let keys: Readonly<Record<string, string>>;

  const key = (name: string) => keys[name] ?? "";
  const fromBastion = async (host: string, port: number) => {
    const { metadata } = await site.pod();
    return site.connectFrom(metadata.name ?? "", host, port, "");
  };

  async function ageCache(): Promise<void> {
    expect(await site.run("python3", "-I", "-S", "-c", AGE_CACHE)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  }

  beforeAll(async () => {
    scene = await WorkloadScene.set(
      { namespaces: NAMESPACES },
      {
        tunnels: [{ name: "echo", destination: `127.0.0.1:${ECHO}`, bindPort: 15000 }],
        clients: [{ name: "dc1", generateKey: "ed25519" }],
      },
    );
    site = scene.site;
    const names = ["alice", "bob", "carol", "nobody", "unlabelled", "foreigner"];
    keys = Object.fromEntries(names.map((name) => [name, scene.makeKey(name)]));
    await site.makeNamespace("elsewhere");
    const [namespace, other] = NAMESPACES as [string, string];
    const carries = (name: string) => ({ annotations: { [KEYS_ANNOTATION]: key(name) }, authorizedKeys: [key(name)] });
    [lab, web, plain, foreign] = await Promise.all([
      WorkloadPod.start(site, { namespace, name: "lab", ...carries("alice"), servedKeys: [] }),
      WorkloadPod.start(site, { namespace: other, name: "web", ...carries("bob") }),
      WorkloadPod.start(site, { namespace, name: "plain", labels: {}, ...carries("unlabelled") }),
      WorkloadPod.start(site, { namespace: "elsewhere", name: "foreign", ...carries("foreigner") }),
    ]);
    scene.pin(lab, web);
  }, 300_000);

  afterAll(async () => scene?.remove());

  test("people work in the pods that carry their keys, through the bastion, with both host keys pinned", async () => {
    const answer = (pod: WorkloadPod) => ({ exitCode: 0, stdout: `dev\n${pod.name}\n` });
    expect(await scene.runIn(lab.host, "alice", "'id -un; hostname'")).toMatchObject(answer(lab));
    expect(await scene.runIn(lab.address, "alice", "'id -un; hostname'")).toMatchObject(answer(lab));
    expect(await scene.runIn(web.host, "bob", "'id -un; hostname'")).toMatchObject(answer(web));
  });

  test("a key leads to its own pods alone, and there to sshd alone; one of nobody's is not let in", async () => {
    expect(await scene.reach("alice", web.host)).toBe("prohibited");
    expect(await scene.reach("alice", web.address)).toBe("prohibited");
    expect(await scene.reach("bob", lab.host)).toBe("prohibited");
    expect(await scene.reach("alice", lab.host, WORKLOAD_HTTP.port)).toBe("prohibited");
    expect(await scene.reach("alice", "127.0.0.1")).toBe("prohibited");
    expect(await scene.reach("alice", NODE_ADDRESS, 6443)).toBe("prohibited");
    expect(await scene.reach("nobody", lab.host)).toBe("denied");
    // A client of the customer's file is no user of workloads.
    expect(await scene.reach("dc1.key", lab.host)).toBe("denied");
  });

  test("who jumps gets no shell, and no port of the bastion", async () => {
    expect(await scene.logIn("alice", "-N -o ExitOnForwardFailure=yes -R 0.0.0.0:15001:127.0.0.1:1")).toMatchObject({
      exitCode: 255,
      stderr: expect.stringContaining("remote port forwarding failed for listen port 15001"),
    });
    const shell = await scene.logIn("alice", "-T");
    expect(shell.exitCode).not.toBe(0);
    expect(shell.stdout).toBe("");
  });

  test("a pod without the label, or in another namespace, is neither discovered nor reached, and neither is anything else", async () => {
    expect(await scene.reach("unlabelled", plain.host)).toBe("denied");
    expect(await scene.reach("foreigner", foreign.host)).toBe("denied");
    expect(await fromBastion(lab.address, 2222)).toMatch(/^answered SSH-2\.0-/);
    const others = [
      [plain.address, 2222],
      [foreign.address, 2222],
      [lab.address, WORKLOAD_HTTP.port],
      [NODE_ADDRESS, 6444],
      [CUSTOMER, 6443],
      ["169.254.169.254", 80],
    ] as const;
    const met = await Promise.all(others.map(async ([host, port]) => [host, port, await fromBastion(host, port)]));
    expect(met).toEqual(others.map(([host, port]) => [host, port, "timeout"]));
  });

  test("the tunnel of a client of the customer's file is not impaired", async () => {
    await site.startPod("consumer", CONSUMER_LABELS);
    const host = `ssh-reverse-proxy.${site.namespace}.svc.cluster.local`;
    scene.scene.openTunnel("dc1.key", 15000);
    await waitUntil("an echo", async () => (await site.connectFrom("consumer", host, 15000, "ping")) === "answered ping");
  });

  test("the pod is admitted where restricted Pod Security is enforced", async () => {
    const { metadata } = await site.api.get(NAMESPACE, { name: site.namespace });
    expect(metadata.labels).toMatchObject({ "pod-security.kubernetes.io/enforce": "restricted" });
    const { spec, status } = await site.pod();
    expect(spec.initContainers?.map(({ name }) => name)).toEqual(["hosts"]);
    expect(status?.initContainerStatuses?.[0]?.state.terminated?.exitCode).toBe(0);
  });

  test("a pod that is new lets its people in after a forced refresh, and one that is gone does not", async () => {
    expect(await scene.refresh()).toMatchObject({ exitCode: 0 });
    const namespace = lab.namespace;
    const annotations = { [KEYS_ANNOTATION]: key("carol") };
    const pod = await WorkloadPod.start(site, { namespace, name: "late", annotations, authorizedKeys: [key("carol")] });
    scene.pin(lab, web, pod);
    expect(await scene.reach("carol", pod.host)).toBe("denied");
    expect(await scene.refresh()).toMatchObject({ exitCode: 0 });
    expect(await scene.runIn(pod.host, "carol", "hostname")).toMatchObject({ exitCode: 0, stdout: "late\n" });
    await site.api.delete(POD, { namespace, name: "late" });
    await waitUntil("the pod to be gone", async () => (await site.api.find(POD, { namespace, name: "late" })) === undefined);
    expect(await scene.refresh()).toMatchObject({ exitCode: 0 });
    expect(await scene.reach("carol", pod.host)).toBe("denied");
  });

  test("pods with keys that are no good are named, and impair nobody else", async () => {
    const namespace = lab.namespace;
    const broken = {
      options: `permitopen="*:*" ${key("nobody")}`,
      garbage: "\u001b[2Jnot a key\nssh-ed25519 AAAA",
      short: scene.scene.customer.makeKey("short", "-t", "rsa", "-b", "2048"),
    };
    // On a node that is not there: what counts is what the API says of them.
    for (const [index, [name, text]] of Object.entries(broken).entries()) {
      await site.api.create({
        ...POD,
        metadata: { namespace, name, labels: SSH_ENABLED, annotations: { [KEYS_ANNOTATION]: text } },
        spec: { nodeName: "elsewhere", automountServiceAccountToken: false, containers: [{ name: "main", image: "example.com/none" }] },
      });
      const status = { phase: "Running", podIP: `10.244.9.${index}`, podIPs: [{ ip: `10.244.9.${index}` }] };
      await site.api.patch(POD, { namespace, name }, { status }, PatchType.MERGE, { subresource: "status" });
    }
    const refreshed = await scene.refresh();
    expect(refreshed.exitCode).toBe(0);
    const said = `${refreshed.stdout}${refreshed.stderr}`;
    // At a login that rebuilds the cache, the same goes to the log.
    await ageCache();
    expect(await scene.reach("bob", web.host)).toBe("reached");
    for (const name of Object.keys(broken)) {
      expect(said).toContain(`${namespace}/${name}`);
      expect(await scene.log()).toContain(`${namespace}/${name}`);
    }
    expect(`${said}${await scene.log()}`).not.toContain("\u001b");
    expect(await scene.reach("nobody", `options.${namespace}`)).toBe("denied");
    expect(await scene.reach("nobody", lab.host)).toBe("denied");
    expect(await scene.reach("short", `short.${namespace}`)).toBe("denied");
    expect(await scene.reach("alice", lab.host)).toBe("reached");
    for (const name of Object.keys(broken)) await site.api.delete(POD, { namespace, name }, { gracePeriodSeconds: 0 });
  });

  test("while the API server does not answer, keys of the cache go on, and the log says why", async () => {
    const before = (await scene.log()).length;
    await site.node.loseApiServer();
    try {
      await ageCache();
      expect(await scene.reach("alice", lab.host)).toBe("reached");
      expect((await scene.log()).slice(before)).toMatch(new RegExp(`${NO_ANSWER.source}; the keys of \\d+ s ago hold\n`));
      expect(await scene.reach("nobody", lab.host)).toBe("denied");
      const refreshed = await scene.refresh();
      expect(refreshed.exitCode).toBe(1);
      expect(refreshed.stderr).toMatch(NO_ANSWER);
    } finally {
      await site.node.findApiServer();
    }
    expect(await scene.refresh()).toMatchObject({ exitCode: 0 });
    expect(await scene.reach("alice", lab.host)).toBe("reached");
  });
});
