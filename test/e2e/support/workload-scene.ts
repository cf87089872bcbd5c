import type { WorkloadsSpec } from "../../../components/core/kubernetes/workloads-spec.ts";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import type { ControlPlaneOptions } from "../../cluster/control-plane/control-plane.ts";
import { NODE_ADDRESS } from "../../cluster/node/network/addresses.ts";
import { PINNED, Scene } from "./bastion-scene.ts";
import type { StackOutputs } from "./deployment.ts";
import { KUBERNETES, KubernetesSite } from "./kubernetes-site.ts";
import { CUSTOMER, type Finished, type Network } from "./network.ts";
import { WORKLOAD_SSH_PORT, WORKLOAD_USER, type WorkloadPod } from "./workload-pod.ts";

/** Where hosts' keys of workloads' pods are, in the folder of whoever logs in. */
const WORKLOAD_HOSTS = "workload_known_hosts";
const KEY_OPTIONS = `${PINNED} -o IdentitiesOnly=yes -o BatchMode=yes -p 2222`;

/** What a bastion that leads to workloads hands out beside the rest. */
interface JumpOutputs extends StackOutputs {
  /** What follows `ssh -J`. */
  readonly jumpHost: string;
  readonly refreshCommand: string;
}

/** A bastion that is also a jump host into the pods of some namespaces, and people who use it. */
export class WorkloadScene {
  readonly scene: Scene<KubernetesSite>;
  readonly #parts: Partial<CustomerFile>;

  private constructor(scene: Scene<KubernetesSite>, parts: Partial<CustomerFile>) {
    this.scene = scene;
    this.#parts = parts;
  }

  /** @param parts of the customer's file, beside the workloads. */
  static async set(workloads: WorkloadsSpec, parts: Partial<CustomerFile>, cluster: ControlPlaneOptions = {}): Promise<WorkloadScene> {
    const prepare = async (network: Network) => {
      const site = await KubernetesSite.start(network, cluster);
      for (const namespace of workloads.namespaces ?? []) await site.makeNamespace(namespace);
      return site;
    };
    const scene = await Scene.set(() => withWorkloads(workloads, parts), { site: { ...KUBERNETES, prepare } });
    return new WorkloadScene(scene, parts);
  }

  get site(): KubernetesSite {
    return this.scene.site;
  }

  get outputs(): JumpOutputs {
    return this.scene.outputs as JumpOutputs;
  }

  /** Changes what the bastion does about workloads, and waits until people can log in again. */
  async up(workloads: WorkloadsSpec): Promise<void> {
    await this.scene.up(withWorkloads(workloads, this.#parts));
    await this.site.waitForLogins(this.scene.host);
  }

  /** Makes a key pair; gives the public half. */
  makeKey(name: string): string {
    return this.scene.customer.makeKey(name);
  }

  /** Pins the host keys of workloads' pods, as somebody who works in them would. */
  pin(...pods: readonly WorkloadPod[]): void {
    this.scene.customer.write(WORKLOAD_HOSTS, pods.map(({ knownHosts }) => knownHosts).join(""));
  }

  /** Runs a command in a workload's pod, by `ssh -J` from outside of the cluster; `host` is its name or its address. */
  async runIn(host: string, key: string, command: string): Promise<Finished> {
    const settings = {
      BindAddress: CUSTOMER,
      BatchMode: "yes",
      IdentitiesOnly: "yes",
      IdentityFile: key,
      StrictHostKeyChecking: "yes",
      UserKnownHostsFile: `known_hosts ${WORKLOAD_HOSTS}`,
    };
    // What stands on the command line is for the last host alone; a file is for the one on the way, too.
    const config = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
    this.scene.customer.write(`${key}.config`, config.join(""));
    return this.scene.customer.type(
      `ssh -F ${key}.config -J ${this.outputs.jumpHost} -p ${WORKLOAD_SSH_PORT} ${WORKLOAD_USER}@${host} ${command}`,
    );
  }

  /**
   * What a key meets that asks the bastion for a connection to a host and port: `reached`, `denied` where it is not let in at
   * all, `prohibited` where it is, but not to there; else what ssh has said.
   */
  async reach(key: string, host: string, port = WORKLOAD_SSH_PORT): Promise<string> {
    const { stdout, stderr } = await this.scene.customer.type(
      `ssh ${KEY_OPTIONS} -i ${key} -W ${host}:${port} ${this.#jumpUser}@${this.scene.host} </dev/null`,
    );
    if (stdout.startsWith("SSH-2.0-")) return "reached";
    if (stderr.includes("Permission denied (publickey)")) return "denied";
    return stderr.includes("administratively prohibited") ? "prohibited" : stderr.trim();
  }

  /** Logs in to the bastion itself. */
  logIn(key: string, options: string): Promise<Finished> {
    return this.scene.customer.type(`ssh ${KEY_OPTIONS} -i ${key} ${options} ${this.#jumpUser}@${this.scene.host} </dev/null`);
  }

  /** Makes the bastion ask for all keys now, by the command that its deployer is given. */
  async refresh(): Promise<Finished> {
    const [, command = ""] = this.outputs.refreshCommand.split(" -- ");
    const [program = "", ...args] = command.split(" ");
    return this.site.run(program, ...args);
  }

  /** What the bastion's container has said. */
  async log(): Promise<string> {
    const { metadata } = await this.site.pod();
    return this.site.node.log({ namespace: this.site.namespace, pod: metadata.name ?? "", container: "bastion" });
  }

  remove(): Promise<void> {
    return this.scene.remove();
  }

  get #jumpUser(): string {
    return this.outputs.jumpHost.split("@")[0] ?? "";
  }
}

function withWorkloads(workloads: WorkloadsSpec, parts: Partial<CustomerFile>): Partial<CustomerFile> {
  const kubernetes = { workloads: { kubeApiCidrs: [`${NODE_ADDRESS}/32`], ...workloads } };
  // Nobody is shut out for failed logins: all who try have one address here.
  return { penaltyExemptCidrs: [`${CUSTOMER}/32`], ...parts, kubernetes: kubernetes as unknown as NonNullable<CustomerFile["kubernetes"]> };
}
