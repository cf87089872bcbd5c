import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { describe } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { ApiClient } from "../../cluster/api.ts";
import type { AuditEvent } from "../../cluster/control-plane/audit-log.ts";
import { ControlPlane, type ControlPlaneOptions } from "../../cluster/control-plane/control-plane.ts";
import { describeWithControlPlane } from "../../cluster/control-plane/describe.ts";
import { buildImage, missingImagePrograms } from "../../cluster/image.ts";
import { renderKubeconfig } from "../../cluster/kubeconfig.ts";
import {
  CONFIG_MAP,
  NAMESPACE,
  NETWORK_POLICY,
  POD,
  ROLE,
  ROLE_BINDING,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
} from "../../cluster/node/api/kinds.ts";
import type { Pod } from "../../cluster/node/api/pod.ts";
import { RunningNode } from "../../cluster/node/running-node.ts";
import { customerFile } from "./deployment.ts";
import { missingMachinePrograms } from "./machine-programs.ts";
import { CUSTOMER, type Finished, type Network } from "./network.ts";
import { connectTo } from "./platform.ts";
import { describeAsRoot } from "./root.ts";
import type { PreparedSite, Site } from "./site.ts";
import { waitUntil } from "./wait.ts";

/** Where the stand-ins for the providers are. */
export const PLUGINS = resolve(import.meta.dirname, "../../cloud/bin");
const CONSUMER = join(import.meta.dirname, "programs/cluster-consumer.py");

/** How the test's node knows the bastion's image. */
export const IMAGE = `registry.example.com/reverse-bastion@sha256:${"0".repeat(64)}`;
/** Labels of pods that may reach bind ports. */
export const CONSUMER_LABELS = { app: "flow" };

/** Kinds of what a bastion is made of, and of what a cluster makes of that. */
const BASTION_KINDS = [
  POD,
  CONFIG_MAP,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
  NETWORK_POLICY,
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "apps/v1", kind: "ReplicaSet" },
  { apiVersion: "policy/v1", kind: "PodDisruptionBudget" },
  ROLE,
  ROLE_BINDING,
];

/** A customer's file for a bastion in a namespace; the rest is the test's. */
export function customerFileInCluster(namespace: string, parts: Partial<CustomerFile>): CustomerFile {
  const { local: _local, ...file } = customerFile(parts);
  return {
    ...file,
    clientCidrs: parts.clientCidrs ?? [`${CUSTOMER}/32`],
    consumerCidrs: parts.consumerCidrs ?? [],
    target: "kubernetes",
    kubernetes: {
      namespace,
      image: IMAGE,
      exposure: { kind: "load-balancer", loadBalancer: { cloud: "other" } },
      consumerPods: [{ podLabels: CONSUMER_LABELS }],
      ...parts.kubernetes,
    },
  };
}

/** Everything in a namespace that belongs to the bastion. */
export async function objectsOfBastion(api: ApiClient, namespace: string): Promise<string[]> {
  const found = await Promise.all(
    BASTION_KINDS.map((kind) => api.list(kind, { namespace, labelSelector: "app.kubernetes.io/instance=acme" })),
  );
  return found.flatMap(({ items }) => items.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
}

/** A cluster of a test's own, with a namespace that enforces the restricted Pod Security Standard. */
export class KubernetesSite implements PreparedSite {
  readonly api: ApiClient;
  readonly node: RunningNode;
  readonly namespace = `bastions-${randomUUID().slice(0, 8)}`;
  /** The API server is where this process is. */
  readonly launcher = ["nsenter", `--net=/proc/${process.pid}/ns/net`];
  readonly #network: Network;
  readonly #controlPlane: ControlPlane;
  readonly #folder = mkdtempSync(join(tmpdir(), "cluster-"));

  private constructor(network: Network, controlPlane: ControlPlane, node: RunningNode) {
    this.#network = network;
    this.#controlPlane = controlPlane;
    this.node = node;
    this.api = new ApiClient(controlPlane.admin);
    writeFileSync(join(this.#folder, "kubeconfig"), renderKubeconfig(controlPlane.admin), { mode: 0o600 });
  }

  static async start(network: Network, options: ControlPlaneOptions = {}): Promise<KubernetesSite> {
    const [{ root, entrypoint, environment, user }, controlPlane] = await Promise.all([buildImage(), ControlPlane.start(options)]);
    const images = [{ reference: IMAGE, root, entrypoint, environment, user }];
    const node = await RunningNode.start(controlPlane.admin, { outside: network.name, images });
    const site = new KubernetesSite(network, controlPlane, node);
    await site.makeNamespace(site.namespace, { "pod-security.kubernetes.io/enforce": "restricted" });
    return site;
  }

  get env(): NodeJS.ProcessEnv {
    return { KUBECONFIG: join(this.#folder, "kubeconfig"), PATH: [PLUGINS, process.env.PATH].join(delimiter) };
  }

  customerFile(parts: Partial<CustomerFile>): CustomerFile {
    return customerFileInCluster(this.namespace, parts);
  }

  async makeNamespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.api.create({ ...NAMESPACE, metadata: { name, labels } });
    await waitUntil("a service account", () => this.api.find(SERVICE_ACCOUNT, { namespace: name, name: "default" }));
  }

  /** The one pod of the bastion that is there to stay. */
  async pod(): Promise<Pod> {
    const { items } = await this.api.list<Pod>(POD, { namespace: this.namespace });
    const pods = items.filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined && metadata.name?.startsWith("acme-bastion-") === true,
    );
    const [only, ...others] = pods;
    if (only === undefined || others.length > 0) throw new Error(`expected one pod, found ${pods.length}`);
    return only;
  }

  /** Starts a pod that can be asked to connect somewhere. It has the bastion's image, for want of another, and nothing else of it. */
  async startPod(name: string, labels: Readonly<Record<string, string>>, namespace = this.namespace): Promise<void> {
    await this.api.create({
      ...POD,
      metadata: { namespace, name, labels },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        securityContext: { runAsNonRoot: true, runAsUser: 20000, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "main",
            image: IMAGE,
            command: ["sleep", "infinity"],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          },
        ],
      },
    });
    await waitUntil(`${name} to run`, async () => {
      const pod = await this.api.get<Pod>(POD, { namespace, name });
      return pod.status?.containerStatuses?.[0]?.state.running !== undefined;
    });
  }

  /** What a pod meets at an address: `refused`, `timeout`, or what was answered. */
  async connectFrom(pod: string, host: string, port: number, text: string, namespace = this.namespace): Promise<string> {
    return this.#ask(pod, namespace, "echo", host, `${port}`, text);
  }

  /** What a PostgreSQL server answers a pod. */
  async queryFrom(pod: string, host: string, port: number, sql: string): Promise<string> {
    return this.#ask(pod, this.namespace, "query", host, `${port}`, sql);
  }

  async #ask(pod: string, namespace: string, ...args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await this.node.run({ namespace, pod }, [
      "python3",
      "-I",
      "-S",
      "-c",
      readFileSync(CONSUMER, "utf8"),
      ...args,
    ]);
    return (stdout + stderr).trim();
  }

  /** Every request so far, where the cluster was told to record them. */
  auditLog(): AuditEvent[] {
    return this.#controlPlane.auditLog();
  }

  /** Everything in the namespace that belongs to the bastion. */
  objectsOfBastion(): Promise<string[]> {
    return objectsOfBastion(this.api, this.namespace);
  }

  async waitForLogins(host: string): Promise<void> {
    await waitUntil("sshd's banner", async () =>
      (await connectTo(this.#network, host, 2222, "", CUSTOMER)).startsWith("answered SSH-2.0-"),
    );
  }

  async run(program: string, ...args: readonly string[]): Promise<Finished> {
    const { metadata } = await this.pod();
    return this.node.run({ namespace: this.namespace, pod: metadata.name ?? "" }, [program, ...args]);
  }

  async remove(): Promise<void> {
    this.api.close();
    await this.node.stop();
    await this.#controlPlane.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A cluster. */
export const KUBERNETES: Site<KubernetesSite> = {
  target: "kubernetes",
  inForceSeconds: 10,
  prepare: (network) => KubernetesSite.start(network),
};

/** A group of tests that have a cluster in which pods run. Where that cannot be had it is skipped, and says why. */
export function describeWithCluster(title: string, tests: () => void): void {
  const missing = [...missingMachinePrograms(), ...missingImagePrograms()];
  if (missing.length > 0) describe.skip(`${title} (skipped: needs ${missing.join(", ")})`, tests);
  else describeAsRoot(title, () => describeWithControlPlane("in a cluster", tests));
}
