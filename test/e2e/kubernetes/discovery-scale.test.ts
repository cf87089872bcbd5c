import { afterAll, beforeAll, expect, test } from "vitest";
import { PatchType } from "../../cluster/api.ts";
import { POD } from "../../cluster/node/api/kinds.ts";
import { RANDOM_KEY } from "../../support/random-keys.ts";
import { describeWithCluster, type KubernetesSite } from "../support/kubernetes-site.ts";
import { SSH_ENABLED, WorkloadPod } from "../support/workload-pod.ts";
import { WorkloadScene } from "../support/workload-scene.ts";

const NAMESPACE = "team-a";
const KEYS_ANNOTATION = "reverse-bastion/authorized-keys";
const PODS = 1000;
/** So many are made at once. */
const AT_ONCE = 16;

const PROGRAMS = "/usr/lib/reverse-bastion/bastion_workloads";
const PYTHON = ["/usr/bin/python3", "-I", "-S"];
/** What a program takes, as the one who runs it sees it. */
const MEASURE = `
import json, resource, subprocess, sys, time
started = time.monotonic()
printed = subprocess.run(sys.argv[1:], check=True, capture_output=True, text=True).stdout
seconds = time.monotonic() - started
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"printed": printed, "seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime, "kib": usage.ru_maxrss}))
`;

interface Measured {
  readonly printed: string;
  readonly seconds: number;
  readonly cpu: number;
  readonly kib: number;
}

describeWithCluster(`a jump host into ${PODS} workload pods`, () => {
  let scene: WorkloadScene;
  let site: KubernetesSite;
  let lab: WorkloadPod;
  let key: string;

  beforeAll(async () => {
    scene = await WorkloadScene.set({ namespaces: [NAMESPACE] }, { tunnels: [], clients: [] }, { audit: true });
    site = scene.site;
    key = scene.makeKey("alice");
    const annotations = { [KEYS_ANNOTATION]: key };
    lab = await WorkloadPod.start(site, { namespace: NAMESPACE, name: "lab", annotations, authorizedKeys: [] });
    const numbers = Array.from({ length: PODS }, (_, number) => number).values();
    const work = async () => {
      for (const number of numbers) await describePod(number);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }, 300_000);

  afterAll(async () => scene?.remove());

  /** Of a node that is not there: what counts is what the API says of it. */
  async function describePod(number: number): Promise<void> {
    const name = `pod-${number}`;
    await site.api.create({
      ...POD,
      metadata: { namespace: NAMESPACE, name, labels: SSH_ENABLED, annotations: { [KEYS_ANNOTATION]: RANDOM_KEY.ed25519() } },
      spec: { nodeName: "elsewhere", automountServiceAccountToken: false, containers: [{ name: "main", image: "example.com/none" }] },
    });
    const podIP = `10.245.${number >> 8}.${number & 0xff}`;
    const status = { phase: "Running", podIP, podIPs: [{ ip: podIP }] };
    await site.api.patch(POD, { namespace: NAMESPACE, name }, { status }, PatchType.MERGE, { subresource: "status" });
  }

  async function measure(...command: readonly string[]): Promise<Measured> {
    const [program = "", ...args] = PYTHON;
    const { stdout, stderr } = await site.run(program, ...args, "-c", MEASURE, ...command);
    expect(stderr).toBe("");
    return JSON.parse(stdout) as Measured;
  }

  test("all of them are found, page by page, and a key of one opens that one", async () => {
    const rebuild = await measure(...PYTHON, `${PROGRAMS}/refresh.py`);
    expect(rebuild.printed).toMatch(new RegExp(`: ${PODS + 1} pods with ${PODS + 1} keys\\n$`));
    const account = `system:serviceaccount:${site.namespace}:`;
    const pages = site.auditLog().filter(({ user, requestURI }) => user.username.startsWith(account) && requestURI.includes("/pods?"));
    expect(pages.map(({ requestURI }) => requestURI.includes("continue="))).toEqual([false, true, true, true, true]);
    expect(await scene.reach("alice", lab.host)).toBe("reached");
    expect(await scene.reach("alice", "10.245.0.1")).toBe("prohibited");

    const settings = "/var/lib/reverse-bastion/etc/workloads.json";
    const [type = "", blob = ""] = key.split(" ");
    const cached = await measure(...PYTHON, `${PROGRAMS}/keys_command.py`, settings, "jump", type, blob, "SHA256:unused");
    expect(cached.printed).toContain(`permitopen="${lab.host}:2222"`);
    const milliseconds = (seconds: number) => `${Math.round(seconds * 1000)} ms`;
    const describe = ({ seconds, cpu, kib }: Measured) =>
      `${milliseconds(seconds)}, CPU ${milliseconds(cpu)}, ${Math.round(kib / 1024)} MiB`;
    process.stdout.write(`${PODS} pods: a rebuild takes ${describe(rebuild)}; a key of the cache ${describe(cached)}\n`);
  });
});
