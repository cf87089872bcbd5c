import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test, vi } from "vitest";
import { ApiClient } from "../../cluster/api.ts";
import { ControlPlane } from "../../cluster/control-plane/control-plane.ts";
import { describeWithControlPlane } from "../../cluster/control-plane/describe.ts";
import { parseKubeconfig } from "../../cluster/kubeconfig.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { waitUntil } from "../support/wait.ts";

const MAIN = resolve(import.meta.dirname, "../../cluster/control-plane/main.ts");
const NAMESPACE = { apiVersion: "v1", kind: "Namespace" };

describeWithControlPlane("the end of a test cluster's control plane", () => {
  const started: { stop(): unknown }[] = [];
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const one of started.splice(0)) await one.stop();
  });

  /** Starts one in a process of its own, which can be killed. */
  async function startElsewhere(): Promise<{ readonly process: ChildProcess; readonly kubeconfigFile: string }> {
    const process = spawn("node", [MAIN], { stdio: ["ignore", "pipe", "inherit"] });
    started.push({ stop: () => process.kill("SIGKILL") });
    const [kubeconfigFile] = (await once(createInterface(process.stdout), "line")) as [string];
    return { process, kubeconfigFile };
  }

  test("two at once know nothing of each other, and one stays when the other ends", async () => {
    const [one, other] = await Promise.all([ControlPlane.start(), ControlPlane.start()]);
    started.push(one, other);
    expect(one.admin.server).not.toBe(other.admin.server);
    const [oneApi, otherApi] = [new ApiClient(one.admin), new ApiClient(other.admin)];
    await oneApi.create({ ...NAMESPACE, metadata: { name: "only-here" } });
    expect(await otherApi.find(NAMESPACE, { name: "only-here" })).toBeUndefined();
    // The administrator of one is nobody to the other, which it does not trust either.
    const stranger = new ApiClient({ ...one.admin, server: other.admin.server });
    await expect(stranger.list(NAMESPACE)).rejects.toThrow(/certificate|signature/);
    await other.stop();
    expect(traces(other.folder)).toEqual([]);
    expect(await oneApi.find(NAMESPACE, { name: "only-here" })).toBeDefined();
    for (const api of [oneApi, otherApi, stranger]) api.close();
  });

  test.each(["SIGKILL", "SIGINT", "SIGTERM"] as const)("nothing is left when the process that started it ends by %s", async (signal) => {
    const { process, kubeconfigFile } = await startElsewhere();
    const folder = dirname(kubeconfigFile);
    const api = new ApiClient(parseKubeconfig(readFileSync(kubeconfigFile, "utf8")));
    expect(await api.text({ method: "GET", path: "/readyz" })).toBe("ok");
    api.close();
    expect(traces(folder)).toEqual([folder, "etcd", "kube-apiserver", "kube-controller-manager", "sh"]);
    process.kill(signal);
    await waitUntil("everything to be gone", () => traces(folder).length === 0);
  });

  test("nothing is left when one could not be started, and the reason is said", async () => {
    const folder = temporaryFolder();
    vi.stubEnv("TMPDIR", folder);
    await expect(ControlPlane.start({ serviceCidr: "10.96.0.0/99" })).rejects.toThrow(
      /kube-apiserver ended with 1:\n.*service-cluster-ip-range\[0\] is not a valid cidr/,
    );
    expect(readdirSync(folder)).toEqual([]);
    expect(traces(folder)).toEqual([folder]);
  });
});

/** What is there of a control plane: its folder, and the programs that were told to use it. */
function traces(folder: string): string[] {
  const programs = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const [program = "", ...args] = commandLineOf(pid);
      return args.some((arg) => arg.includes(folder)) ? [program.slice(program.lastIndexOf("/") + 1)] : [];
    });
  return [...(existsSync(folder) ? [folder] : []), ...programs.sort()];
}

function commandLineOf(pid: string): string[] {
  try {
    return readFileSync(join("/proc", pid, "cmdline"), "utf8").split("\0");
  } catch {
    return [];
  }
}
