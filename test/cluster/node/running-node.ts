import { type ChildProcess, type ExecFileOptions, execFile, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { run } from "../../cloud/machine/command.ts";
import { guardedProcess } from "../../cloud/machine/guarded-process.ts";
import { ApiClient } from "../api.ts";
import type { ApiConnection } from "../api-transport.ts";
import { POD } from "./api/kinds.ts";
import type { Pod } from "./api/pod.ts";
import type { NodeDeclaration } from "./declaration.ts";
import { API_SERVER_PORT } from "./network/api-server.ts";
import { NODE_NETWORK, networkFile } from "./network/namespaces.ts";
import type { NodeImage } from "./pods/image.ts";

/** What a program that has ended left behind. */
export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface NodeOptions {
  /** Network namespace of everything outside of the cluster. The node makes itself known there, at the interface `cluster`. */
  readonly outside: string;
  readonly images: readonly NodeImage[];
  /** The control plane's. */
  readonly serviceBlock?: string;
}

/** A container of a pod; the first one without a name. */
export interface ContainerKey {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
}

/** The node of a test's cluster. It ends with the process that started it. */
export class RunningNode {
  readonly #api: ApiClient;
  readonly #guard: ChildProcess;
  readonly #logs: string;

  private constructor(api: ApiClient, guard: ChildProcess, logs: string) {
    this.#api = api;
    this.#guard = guard;
    this.#logs = logs;
  }

  /** Starts it, and waits until it works. */
  static async start(admin: ApiConnection, { outside, images, serviceBlock = "10.96.0.0/16" }: NodeOptions): Promise<RunningNode> {
    const folder = mkdtempSync(join(tmpdir(), "bastion-node-"));
    const declaration: NodeDeclaration = {
      connection: admin,
      logs: join(folder, "logs"),
      images,
      serviceBlock,
      dnsAddress: serviceBlock.replace(/\.\d+\/\d+$/, ".10"),
    };
    mkdirSync(declaration.logs);
    const file = join(folder, "node.json");
    writeFileSync(file, JSON.stringify(declaration), { mode: 0o600 });
    const program = [process.execPath, join(import.meta.dirname, "main.ts"), outside, file];
    const guard = spawn("sh", [join(import.meta.dirname, "guard.sh"), `${process.pid}`, folder, ...program], {
      detached: true,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const node = new RunningNode(new ApiClient(admin), guard, declaration.logs);
    const [answer] = await Promise.race([once(createInterface(guard.stdout as NodeJS.ReadableStream), "line"), once(guard, "exit")]);
    if (answer !== "ready") throw new Error(`the node ended with ${answer}`);
    return node;
  }

  /** Ends all of its pods at once, and removes all that it had. The API is told nothing. */
  async stop(): Promise<void> {
    this.#api.close();
    if (this.#guard.exitCode !== null) return;
    this.#guard.stdin?.end();
    await once(this.#guard, "exit");
  }

  /** What a container has printed, in all of its runs. */
  log({ namespace, pod, container }: Required<ContainerKey>): string {
    const file = join(this.#logs, `${namespace}_${pod}_${container}.log`);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Runs a command inside of a container, with the container's own rights, as `kubectl exec` does. */
  async run(key: ContainerKey, command: readonly string[], options: ExecFileOptions = {}): Promise<Finished> {
    const [program, ...args] = await this.#entering(key, command);
    return new Promise((resolve, reject) => {
      execFile(program, args, { maxBuffer: 1 << 26, ...options }, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== "number") reject(error);
        else resolve({ exitCode: Number(error?.code ?? 0), stdout: String(stdout), stderr: String(stderr) });
      });
    });
  }

  /** Starts a command inside of a container that stays. It is ended by a SIGKILL to the process, or with the container. */
  async start(key: ContainerKey, command: readonly string[], options: SpawnOptions = {}): Promise<ChildProcess> {
    const [program, ...args] = await this.#entering(key, command);
    return spawn(program, args, options);
  }

  /** Cuts pods off from the API server: what they send there is lost, and they wait for an answer. */
  async loseApiServer(): Promise<void> {
    await this.#changeOutage(
      `table ip outage { chain input { type filter hook input priority raw; tcp dport ${API_SERVER_PORT} drop; }; }`,
    );
  }

  /** Ends that. */
  async findApiServer(): Promise<void> {
    await this.#changeOutage("delete table ip outage");
  }

  async #changeOutage(rules: string): Promise<void> {
    const inNodeNetwork = ["nsenter", `--net=${networkFile(NODE_NETWORK)}`, "nft", rules];
    await run("nsenter", ["--target", `${this.#process}`, "--mount", "--", ...inNodeNetwork]);
  }

  async #entering({ namespace, pod, container }: ContainerKey, command: readonly string[]): Promise<[string, ...string[]]> {
    const { metadata, spec, status } = await this.#api.get<Pod>(POD, { namespace, name: pod });
    const name = container ?? spec.containers[0]?.name ?? "";
    const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
    const id = statuses.find((status) => status.name === name)?.containerID;
    if (id === undefined) throw new Error(`${namespace}/${pod} has no container ${name} that has run`);
    const plan = `/run/pods/${metadata.uid}/containers/${name}/plan.json`;
    const runtime = ["python3", "-I", "-S", "-B", join(import.meta.dirname, "container"), "enter", plan, id.replace("test://", "")];
    // The node's own files and processes are where the container is found.
    return ["nsenter", "--target", `${this.#process}`, "--mount", "--", ...runtime, ...command];
  }

  /** The node's process: the one child of `unshare`, which is the guard's. */
  get #process(): number {
    const node = guardedProcess(this.#guard.pid as number);
    if (node === undefined) throw new Error("the node has ended");
    return node;
  }
}
