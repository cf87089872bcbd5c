import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tellEvent } from "../api/events.ts";
import type { Container, ContainerState, ContainerStatus, Pod, Probe, RestartPolicy } from "../api/pod.ts";
import { apiServerAddress } from "../network/api-server.ts";
import { inNetwork, NODE_NETWORK, networkFile } from "../network/namespaces.ts";
import { NotThereYet } from "../volumes/volume-files.ts";
import { BackOff } from "./back-off.ts";
import { ConfigurationError, planContainer } from "./container-plan.ts";
import { ContainerProcess } from "./container-process.ts";
import type { NodeServices } from "./node-services.ts";
import { timestamp } from "./pod-status.ts";
import type { PodVolumes } from "./pod-volumes.ts";
import { keepProbing, type ProbeOutcome } from "./prober.ts";

const RETRY_MS = 1000;
const NETWORK_PROBE = join(import.meta.dirname, "network-probe.py");
const TERMINATION_LOG = "/dev/termination-log";
/** Exit code of a container whose first program could not be run. */
const START_ERROR = 128;

/** Where a container is. */
export interface ContainerHome {
  readonly node: NodeServices;
  readonly volumes: PodVolumes;
  readonly network: string;
  readonly address: string;
}

/** One container of a pod, over all of its runs. */
export class ContainerRunner {
  readonly #pod: Pod;
  readonly #container: Container;
  readonly #restartPolicy: RestartPolicy;
  readonly #onChange: () => void;
  readonly #backOff = new BackOff();
  #home: ContainerHome | undefined;
  #process: ContainerProcess | undefined;
  #status: ContainerStatus;
  /** Runs that are over. */
  #ended = 0;

  /** @param restartPolicy the pod's, or what that means for a container that is to end. */
  constructor(pod: Pod, container: Container, restartPolicy: RestartPolicy, onChange: () => void) {
    this.#pod = pod;
    this.#container = container;
    this.#restartPolicy = restartPolicy;
    this.#onChange = onChange;
    this.#status = {
      name: container.name,
      image: container.image,
      imageID: "",
      ready: false,
      started: false,
      restartCount: 0,
      state: { waiting: { reason: pod.spec.initContainers === undefined ? "ContainerCreating" : "PodInitializing" } },
      lastState: {},
    };
  }

  get status(): ContainerStatus {
    return this.#status;
  }

  /** Runs it, again and again if its policy says so, until that is over or `signal` says so. */
  async run(home: ContainerHome, signal: AbortSignal): Promise<void> {
    this.#home = home;
    while (!signal.aborted) {
      const exitCode = await this.#runOnce(home, signal);
      if (signal.aborted) return;
      const isOver = this.#restartPolicy === "Never" || (this.#restartPolicy === "OnFailure" && exitCode === 0);
      if (exitCode !== undefined && isOver) return;
      if (exitCode === undefined) await home.node.nextChange(RETRY_MS, signal);
      else await this.#waitForRestart(signal);
    }
  }

  /** Ends the run that there is, if there is one. */
  async stop(graceSeconds: number): Promise<void> {
    await this.#process?.stop(graceSeconds);
  }

  /** Its exit code; `undefined` when it could not begin, and the status says why. */
  async #runOnce(home: ContainerHome, signal: AbortSignal): Promise<number | undefined> {
    let running: ContainerProcess | undefined;
    try {
      running = await this.#start(home);
    } catch (error) {
      return this.#cannotStart(error as Error);
    }
    if (running === undefined) return undefined;
    this.#process = running;
    const { startupProbe, readinessProbe } = this.#container;
    const started = startupProbe === undefined;
    this.#become({
      containerID: containerIdOf(running),
      imageID: this.#container.image,
      started,
      restartCount: this.#ended,
      ready: started && readinessProbe === undefined,
      state: { running: { startedAt: timestamp(running.startedAt) } },
    });
    void tellEvent(home.node.api, this.#pod, "Normal", "Started", `Started container ${this.#container.name}`);
    const over = new AbortController();
    // What began just as the pod was told to end would not be told any more.
    if (signal.aborted) void running.stop(this.#pod.metadata.deletionGracePeriodSeconds ?? 0);
    const probing = this.#probe(running, over.signal);
    const exitCode = await running.ended;
    over.abort();
    await probing;
    this.#process = undefined;
    this.#ended += 1;
    this.#become({ ready: false, started: false, state: this.#terminated(running, exitCode) });
    return exitCode;
  }

  async #start({ node, volumes, network }: ContainerHome): Promise<ContainerProcess | undefined> {
    const { name, image: reference, imagePullPolicy } = this.#container;
    const image = node.images.get(reference);
    if (image === undefined) {
      if (imagePullPolicy === "Never")
        this.#wait("ErrImageNeverPull", `Container image "${reference}" is not present with pull policy of Never`);
      else if (this.#status.state.waiting?.reason === "ErrImagePull")
        this.#wait("ImagePullBackOff", `Back-off pulling image "${reference}"`);
      else if (this.#status.state.waiting?.reason !== "ImagePullBackOff")
        this.#wait("ErrImagePull", `failed to pull image "${reference}": it is not on this node, which has no registry`);
      return undefined;
    }
    const folder = join(volumes.folder, "containers", name);
    mkdirSync(folder, { recursive: true });
    const message = join(folder, "termination-log");
    writeFileSync(message, "");
    chmodSync(message, 0o666);
    const plan = planContainer(this.#pod, this.#container, image, volumes.contents, {
      network: networkFile(network),
      hostname: volumes.hostname,
      apiServer: apiServerAddress(node.services()),
      mounts: [...volumes.mountsOf(this.#container), { source: message, target: TERMINATION_LOG, isReadOnly: false }],
    });
    const { namespace, name: podName } = this.#pod.metadata;
    return ContainerProcess.start(plan, { folder, log: join(node.logs, `${namespace}_${podName}_${name}.log`) });
  }

  #cannotStart(error: Error): number | undefined {
    if (error instanceof NotThereYet || error instanceof ConfigurationError) {
      this.#wait("CreateContainerConfigError", error.message);
      return undefined;
    }
    const now = timestamp(new Date());
    const terminated = {
      exitCode: START_ERROR,
      reason: "StartError",
      message: error.message,
      startedAt: now,
      finishedAt: now,
      containerID: "",
    };
    this.#become({ restartCount: this.#ended, state: { terminated } });
    this.#ended += 1;
    return START_ERROR;
  }

  #wait(reason: string, message: string): void {
    const { waiting } = this.#status.state;
    if (waiting?.reason === reason && waiting.message === message) return;
    this.#become({ state: { waiting: { reason, message } } });
    if (this.#home !== undefined) void tellEvent(this.#home.node.api, this.#pod, "Warning", "Failed", `Error: ${reason}: ${message}`);
  }

  async #waitForRestart(signal: AbortSignal): Promise<void> {
    const { state, name } = this.#status;
    const { startedAt, finishedAt } = state.terminated as NonNullable<ContainerState["terminated"]>;
    const delayMs = this.#backOff.next(Date.parse(finishedAt) - Date.parse(startedAt));
    const message = `back-off ${delayMs / 1000}s restarting failed container=${name}`;
    this.#become({ state: { waiting: { reason: "CrashLoopBackOff", message } }, lastState: state });
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }

  async #probe(running: ContainerProcess, signal: AbortSignal): Promise<void> {
    const { startupProbe, readinessProbe, livenessProbe } = this.#container;
    if (startupProbe !== undefined && !(await this.#passStartup(startupProbe, running, signal))) return;
    await Promise.all([
      readinessProbe &&
        this.#keepProbing(readinessProbe, running, signal, (outcome) => {
          if (!outcome.ok) this.#tellUnhealthy("Readiness", outcome.output);
          if (outcome.ok !== this.#status.ready) this.#become({ ready: outcome.ok });
        }),
      livenessProbe && this.#watchLife(livenessProbe, running, signal),
    ]);
  }

  /** Until it fails: what is being killed is not judged again. */
  #watchLife(probe: Probe, running: ContainerProcess, signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    return this.#keepProbing(probe, running, AbortSignal.any([signal, failed.signal]), (outcome) => {
      if (outcome.ok) return;
      failed.abort();
      this.#kill(running, "Liveness", outcome.output);
    });
  }

  async #passStartup(probe: Probe, running: ContainerProcess, signal: AbortSignal): Promise<boolean> {
    const over = new AbortController();
    let hasPassed = false;
    await this.#keepProbing(probe, running, AbortSignal.any([signal, over.signal]), (outcome) => {
      over.abort();
      hasPassed = outcome.ok;
      if (outcome.ok) this.#become({ started: true, ready: this.#container.readinessProbe === undefined });
      else this.#kill(running, "Startup", outcome.output);
    });
    return hasPassed;
  }

  #keepProbing(probe: Probe, running: ContainerProcess, signal: AbortSignal, judge: (outcome: ProbeOutcome) => void): Promise<void> {
    return keepProbing(probe, (timeoutSeconds) => this.#attempt(probe, running, timeoutSeconds), signal, judge);
  }

  async #attempt({ exec, tcpSocket, httpGet }: Probe, running: ContainerProcess, timeoutSeconds: number): Promise<ProbeOutcome> {
    if (exec !== undefined) {
      const { exitCode, output } = await running.run(exec.command, timeoutSeconds);
      if (exitCode === 0) return { ok: true };
      return { ok: false, output: exitCode === undefined ? `command timed out after ${timeoutSeconds}s` : output };
    }
    const { port, host = this.#home?.address ?? "" } = tcpSocket ?? httpGet ?? { port: 0 };
    const number = this.#container.ports?.find(({ name }) => name === port)?.containerPort ?? port;
    const [kind, path] = httpGet === undefined ? ["tcp", "/"] : ["http", httpGet.path ?? "/"];
    const args = ["-I", "-S", "-B", NETWORK_PROBE, kind, host, `${number}`, path, `${timeoutSeconds}`];
    return inNetwork(NODE_NETWORK, "python3", ...args).then(
      () => ({ ok: true }),
      (error: { stderr?: string }) => ({ ok: false, output: (error.stderr ?? "").trim() }),
    );
  }

  #kill(running: ContainerProcess, which: string, output: string): void {
    this.#tellUnhealthy(which, output);
    const message = `Container ${this.#container.name} failed ${which.toLowerCase()} probe, will be restarted`;
    if (this.#home !== undefined) void tellEvent(this.#home.node.api, this.#pod, "Normal", "Killing", message);
    void running.stop(this.#pod.spec.terminationGracePeriodSeconds);
  }

  #tellUnhealthy(which: string, output: string): void {
    if (this.#home !== undefined)
      void tellEvent(this.#home.node.api, this.#pod, "Warning", "Unhealthy", `${which} probe failed: ${output}`);
  }

  #terminated(running: ContainerProcess, exitCode: number): ContainerState {
    const written = this.#home === undefined ? "" : readMessage(this.#home.volumes.folder, this.#container.name);
    const fallback = exitCode !== 0 && this.#container.terminationMessagePolicy === "FallbackToLogsOnError" ? running.endOfLog : "";
    const message = written || fallback;
    return {
      terminated: {
        exitCode,
        reason: exitCode === 0 ? "Completed" : "Error",
        ...(message === "" ? {} : { message }),
        startedAt: timestamp(running.startedAt),
        finishedAt: timestamp(new Date()),
        containerID: containerIdOf(running),
      },
    };
  }

  #become(change: Partial<ContainerStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#onChange();
  }
}

function readMessage(folder: string, container: string): string {
  return readFileSync(join(folder, "containers", container, "termination-log"), "utf8");
}

/** Only this node understands it. */
function containerIdOf({ pid }: ContainerProcess): string {
  return `test://${pid}`;
}
