import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../api.ts";
import type { ApiObject, Kind } from "../api-objects.ts";
import { isRefusal } from "../api-transport.ts";
import { CONFIG_MAP, ENDPOINT_SLICE, NAMESPACE, NETWORK_POLICY, NODE, POD, SECRET, SERVICE } from "./api/kinds.ts";
import type { NetworkPolicy } from "./api/network-policy.ts";
import type { Pod } from "./api/pod.ts";
import type { EndpointSlice, Service } from "./api/service.ts";
import { Store } from "./api/store.ts";
import type { KeyedData } from "./api/volume.ts";
import { LoadBalancers } from "./load-balancers.ts";
import { AddressPool, NODE_ADDRESS, POD_BLOCK } from "./network/addresses.ts";
import { loadRules } from "./network/namespaces.ts";
import { policyRules } from "./network/policy-rules.ts";
import { renderRules } from "./network/rules.ts";
import { serviceRules } from "./network/service-rules.ts";
import type { NodeImage } from "./pods/image.ts";
import type { NodeServices } from "./pods/node-services.ts";
import { PodRunner } from "./pods/pod-runner.ts";
import { timestamp } from "./pods/pod-status.ts";
import { Scheduler } from "./scheduler.ts";

const NODE_NAME = "node-1";
const LABELS = {
  "kubernetes.io/os": "linux",
  "kubernetes.io/arch": process.arch === "arm64" ? "arm64" : "amd64",
  "kubernetes.io/hostname": NODE_NAME,
};

/** Where a node has things. */
export interface NodePlaces {
  readonly folder: string;
  readonly logs: string;
  readonly dnsAddress: string;
  readonly images: readonly NodeImage[];
}

/**
 * The one node of a cluster, in the parts of scheduler, kubelet, kube-proxy, network plug-in and a cloud's load balancers. It
 * follows the API, in the name of an administrator; the limits of `resources` are not held.
 */
export class ClusterNode {
  readonly #api: ApiClient;
  readonly #services: NodeServices;
  readonly #scheduler: Scheduler;
  readonly #loadBalancers: LoadBalancers;
  readonly #runners = new Map<string, PodRunner>();
  readonly #waiting = new Set<() => void>();
  readonly #pods: Store<Pod>;
  readonly #serviceStore: Store<Service>;
  readonly #slices: Store<EndpointSlice>;
  readonly #policies: Store<NetworkPolicy>;
  readonly #namespaces: Store<ApiObject>;
  readonly #configMaps: Store<KeyedData>;
  readonly #secrets: Store<KeyedData>;
  #links = 0;
  #rules = "";
  #isFull = false;
  #isLooking = false;
  #lookAgain = false;
  #applying: Promise<void> = Promise.resolve();

  constructor(api: ApiClient, places: NodePlaces) {
    this.#api = api;
    this.#scheduler = new Scheduler(api, NODE_NAME, LABELS);
    this.#loadBalancers = new LoadBalancers(api);
    const store = <T extends ApiObject>(kind: Kind) => new Store<T>(api, kind, () => this.#changed());
    this.#pods = store(POD);
    this.#serviceStore = store(SERVICE);
    this.#slices = store(ENDPOINT_SLICE);
    this.#policies = store(NETWORK_POLICY);
    this.#namespaces = store(NAMESPACE);
    this.#configMaps = store(CONFIG_MAP);
    this.#secrets = store(SECRET);
    this.#services = {
      api,
      images: new Map(places.images.map((image) => [image.reference, image])),
      folder: places.folder,
      logs: places.logs,
      nodeAddress: NODE_ADDRESS,
      dnsAddress: places.dnsAddress,
      podAddresses: new AddressPool(POD_BLOCK),
      configMap: (namespace, name) => this.#configMaps.find({ namespace, name }),
      secret: (namespace, name) => this.#secrets.find({ namespace, name }),
      services: () => this.#serviceStore.all(),
      applyRules: () => this.#applyRules(),
      nextChange: (limitMs, signal) => this.#nextChange(limitMs, signal),
      report,
    };
    for (const folder of [places.folder, places.logs]) mkdirSync(folder, { recursive: true });
  }

  /** Joins the cluster, and does a node's work from then on. */
  async join(): Promise<void> {
    await this.#register();
    const stores = [this.#pods, this.#serviceStore, this.#slices, this.#policies, this.#namespaces, this.#configMaps, this.#secrets];
    await Promise.all(stores.map((store) => store.follow()));
    this.#isFull = true;
    await this.#applyRules();
    this.#changed();
  }

  async #register(): Promise<void> {
    const node = { ...NODE, metadata: { name: NODE_NAME, labels: LABELS }, spec: {} };
    await this.#api.create(node).catch((error: unknown) => {
      if (!isRefusal(error, "AlreadyExists")) throw error;
    });
    const now = timestamp(new Date());
    const ready = { type: "Ready", status: "True", reason: "KubeletReady", lastHeartbeatTime: now, lastTransitionTime: now };
    const addresses = [
      { type: "InternalIP", address: NODE_ADDRESS },
      { type: "Hostname", address: NODE_NAME },
    ];
    const capacity = { cpu: "64", memory: "256Gi", pods: "200" };
    await this.#api.apply(
      { ...NODE, metadata: { name: NODE_NAME }, status: { conditions: [ready], addresses, capacity, allocatable: capacity } },
      { fieldManager: "kubelet", subresource: "status", force: true },
    );
  }

  /** Looks at everything once more, soon; what came meanwhile is looked at together. */
  #changed(): void {
    for (const wake of this.#waiting) wake();
    if (!this.#isFull) return;
    this.#lookAgain = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    void this.#look().finally(() => {
      this.#isLooking = false;
    });
  }

  async #look(): Promise<void> {
    while (this.#lookAgain) {
      this.#lookAgain = false;
      try {
        this.#followPods();
        for (const runner of this.#runners.values()) runner.refreshVolumes();
        await this.#applyRules();
        await this.#scheduler.place(this.#pods.all());
        await this.#loadBalancers.follow(this.#serviceStore.all());
      } catch (error) {
        process.stderr.write(`node: ${error instanceof Error ? error.stack : error}\n`);
      }
    }
  }

  #followPods(): void {
    const pods = new Map(this.#pods.all().map((pod) => [pod.metadata.uid ?? "", pod]));
    for (const [uid, pod] of pods) {
      if (pod.spec.nodeName !== NODE_NAME) continue;
      const runner = this.#runners.get(uid);
      if (runner !== undefined) this.#forgetAfter(uid, pod, runner.follow(pod));
      else this.#begin(uid, pod);
    }
    for (const [uid, runner] of this.#runners) if (!pods.has(uid)) this.#forgetAfter(uid, undefined, runner.end(0));
  }

  #begin(uid: string, pod: Pod): void {
    if (pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return;
    this.#links += 1;
    this.#runners.set(uid, new PodRunner(pod, this.#services, `pod${this.#links}`));
  }

  #forgetAfter(uid: string, pod: Pod | undefined, end: Promise<void> | undefined): void {
    void end?.then(
      () => this.#runners.delete(uid),
      (error: unknown) => report(pod, error),
    );
  }

  #applyRules(): Promise<void> {
    this.#applying = this.#applying
      .catch(() => undefined)
      .then(async () => {
        const services = serviceRules(this.#serviceStore.all(), this.#slices.all(), NODE_ADDRESS, this.#loadBalancers.addressOf);
        const pods = [...this.#runners.values()].flatMap(({ networked }) => (networked === undefined ? [] : [networked]));
        const namespaces = new Map(this.#namespaces.all().map((namespace) => [nameOf(namespace), namespace.metadata.labels ?? {}]));
        const rules = renderRules(services, policyRules(this.#policies.all(), pods, namespaces));
        if (rules === this.#rules) return;
        await loadRules(rules);
        this.#rules = rules;
      });
    return this.#applying;
  }

  async #nextChange(limitMs: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const wake = () => over.abort();
    this.#waiting.add(wake);
    await sleep(limitMs, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => undefined);
    this.#waiting.delete(wake);
  }
}

function nameOf({ metadata }: ApiObject): string {
  return metadata.name ?? "";
}

function report(pod: Pod | undefined, error: unknown): void {
  process.stderr.write(`node: ${pod?.metadata.name ?? "a pod"}: ${error instanceof Error ? error.stack : error}\n`);
}
