import { setTimeout as sleep } from "node:timers/promises";
import { PatchType } from "../../api.ts";
import { isRefusal } from "../../api-transport.ts";
import { tellEvent } from "../api/events.ts";
import { POD } from "../api/kinds.ts";
import type { Container, Pod, RestartPolicy } from "../api/pod.ts";
import { connectPod, disconnectPod } from "../network/namespaces.ts";
import type { NetworkedPod } from "../network/policy-rules.ts";
import { NotThereYet } from "../volumes/volume-files.ts";
import { type ContainerHome, ContainerRunner } from "./container-runner.ts";
import type { NodeServices } from "./node-services.ts";
import { hasSucceeded, podStatus, timestamp } from "./pod-status.ts";
import { PodVolumes } from "./pod-volumes.ts";
import { unsupportedIn } from "./unsupported.ts";

const RETRY_MS = 1000;

/** One pod on the node, from its binding to its end. */
export class PodRunner {
  readonly #node: NodeServices;
  readonly #volumes: PodVolumes;
  readonly #initContainers: readonly ContainerRunner[];
  readonly #containers: readonly ContainerRunner[];
  readonly #link: string;
  readonly #startTime = timestamp(new Date());
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  #pod: Pod;
  #address: string | undefined;
  #isConnected = false;
  #end: Promise<void> | undefined;
  #published = "";
  #publishing: Promise<void> = Promise.resolve();

  /** @param link name of the node's interface towards it. */
  constructor(pod: Pod, node: NodeServices, link: string) {
    this.#pod = pod;
    this.#node = node;
    this.#link = link;
    this.#volumes = new PodVolumes(pod, node);
    const { restartPolicy, initContainers = [], containers } = pod.spec;
    const runner = (policy: RestartPolicy) => (container: Container) => new ContainerRunner(pod, container, policy, () => this.#publish());
    this.#initContainers = initContainers.map(runner(restartPolicy === "Never" ? "Never" : "OnFailure"));
    this.#containers = containers.map(runner(restartPolicy));
    this.#running = this.#run().catch((error: unknown) => node.report(pod, error));
  }

  /** As the network's rules need it; `undefined` as long as it has none. */
  get networked(): NetworkedPod | undefined {
    const { namespace = "", labels = {} } = this.#pod.metadata;
    if (!this.#isConnected || this.#address === undefined) return undefined;
    const ports = this.#pod.spec.containers.flatMap(({ ports = [] }) => ports);
    const namedPorts = Object.fromEntries(ports.flatMap(({ name, containerPort }) => (name === undefined ? [] : [[name, containerPort]])));
    return { namespace, labels, address: this.#address, link: this.#link, namedPorts };
  }

  /** Takes over what the API says of the pod now; resolves when it has ended, if that is what it says. */
  follow(pod: Pod): Promise<void> | undefined {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp === undefined) return undefined;
    return this.end(pod.metadata.deletionGracePeriodSeconds ?? 0);
  }

  /** Brings its volumes to what the API has now. */
  refreshVolumes(): void {
    if (!this.#ending.signal.aborted) this.#volumes.refresh();
  }

  /** Ends it, and removes it from the API if it is there yet. */
  end(graceSeconds: number): Promise<void> {
    this.#end ??= this.#endNow(graceSeconds);
    return this.#end;
  }

  async #run(): Promise<void> {
    const unsupported = unsupportedIn(this.#pod);
    if (unsupported.length > 0) {
      const message = `this node cannot do what the pod asks for: ${unsupported.join(", ")}`;
      await this.#patch({ phase: "Failed", reason: "Unsupported", message });
      return;
    }
    const address = this.#node.podAddresses.addressOf(this.#link);
    this.#address = address;
    await connectPod(this.#link, this.#link, address);
    this.#isConnected = true;
    // Before its first program runs, or that would see a network without policies.
    await this.#node.applyRules();
    this.#publish();
    await this.#mountVolumes(address);
    const home = { node: this.#node, volumes: this.#volumes, network: this.#link, address };
    if (await this.#initialize(home)) await Promise.all(this.#containers.map((container) => container.run(home, this.#ending.signal)));
  }

  /** Runs the init containers one after the other; whether all of them have done their work. */
  async #initialize(home: ContainerHome): Promise<boolean> {
    for (const container of this.#initContainers) {
      await container.run(home, this.#ending.signal);
      if (!hasSucceeded(container.status)) return false;
    }
    return !this.#ending.signal.aborted;
  }

  async #mountVolumes(address: string): Promise<void> {
    for (let told = ""; !this.#ending.signal.aborted; ) {
      try {
        return await this.#volumes.mount(address);
      } catch (error) {
        if (!(error instanceof NotThereYet)) throw error;
        if (error.message !== told) await tellEvent(this.#node.api, this.#pod, "Warning", "FailedMount", error.message);
        told = error.message;
        await this.#node.nextChange(RETRY_MS, this.#ending.signal);
      }
    }
  }

  async #endNow(graceSeconds: number): Promise<void> {
    this.#ending.abort();
    await Promise.all([...this.#initContainers, ...this.#containers].map((container) => container.stop(graceSeconds)));
    await this.#running;
    await this.#publishing;
    await this.#volumes.remove();
    if (this.#isConnected) await disconnectPod(this.#link);
    this.#isConnected = false;
    this.#node.podAddresses.release(this.#link);
    const { name = "", namespace = "", uid = "" } = this.#pod.metadata;
    await this.#node.api.delete(POD, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } }).catch((error: unknown) => {
      if (!isRefusal(error, "NotFound", "Conflict")) throw error;
    });
    await this.#node.applyRules();
  }

  /** Tells the API where things are, one after the other, and nothing twice. */
  #publish(): void {
    this.#publishing = this.#publishing.then(async () => {
      const progress = {
        hostIP: this.#node.nodeAddress,
        podIP: this.#isConnected ? this.#address : undefined,
        startTime: this.#startTime,
      };
      const status = podStatus(
        this.#pod,
        progress,
        this.#initContainers.map((container) => container.status),
        this.#containers.map((container) => container.status),
      );
      if (JSON.stringify(status) === this.#published) return;
      await this.#patch(status);
      this.#published = JSON.stringify(status);
    });
  }

  async #patch(status: object): Promise<void> {
    const { name = "", namespace = "", uid } = this.#pod.metadata;
    for (;;) {
      try {
        this.#pod = await this.#node.api.patch<Pod>(POD, { name, namespace }, { metadata: { uid }, status }, PatchType.MERGE, {
          subresource: "status",
        });
        return;
      } catch (error) {
        // Deleted, or another one of the same name: nobody is left to be told.
        if (isRefusal(error, "NotFound", "Conflict", "Invalid")) return;
        this.#node.report(this.#pod, error);
        if (this.#ending.signal.aborted) return;
        await sleep(RETRY_MS);
      }
    }
  }
}
