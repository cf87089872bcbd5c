import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { ObedientNode } from "../../cloud/kubernetes/obedient-node.ts";
import { ApiClient } from "../../cluster/api.ts";
import { ControlPlane } from "../../cluster/control-plane/control-plane.ts";
import { describeWithControlPlane } from "../../cluster/control-plane/describe.ts";
import { renderKubeconfig } from "../../cluster/kubeconfig.ts";
import { NAMESPACE, SERVICE_ACCOUNT } from "../../cluster/node/api/kinds.ts";
import { Deployment } from "./deployment.ts";
import { customerFileInCluster, objectsOfBastion, PLUGINS } from "./kubernetes-site.ts";
import { Network } from "./network.ts";
import { describeAsRoot } from "./root.ts";
import { waitUntil } from "./wait.ts";

/** A stack, and a cluster of its own whose pods run nothing: for what is about objects only. */
export class KubernetesStack {
  /** Of the bastion. */
  static readonly NAMESPACE = "bastions";
  readonly controlPlane: ControlPlane;
  /** In the name of an administrator. */
  readonly api: ApiClient;
  readonly deployment: Deployment;
  readonly #ends: readonly (() => Promise<void> | void)[];

  private constructor(
    { controlPlane, api, deployment }: Pick<KubernetesStack, "controlPlane" | "api" | "deployment">,
    ends: readonly (() => Promise<void> | void)[],
  ) {
    this.controlPlane = controlPlane;
    this.api = api;
    this.deployment = deployment;
    this.#ends = ends;
  }

  /**
   * Describes the stack; nothing is deployed yet.
   *
   * @param deployer name of the user that the CLI is, who has no rights yet; an administrator without it.
   */
  static async create(parts: Partial<CustomerFile>, deployer?: string): Promise<KubernetesStack> {
    const ends: (() => Promise<void> | void)[] = [];
    try {
      const network = await Network.create();
      ends.unshift(() => network.remove());
      const controlPlane = await ControlPlane.start({ audit: true });
      ends.unshift(() => controlPlane.stop());
      const api = new ApiClient(controlPlane.admin);
      ends.unshift(() => api.close());
      const node = new ObedientNode(api, "node-a");
      await node.start();
      ends.unshift(() => node.stop());
      await makeNamespace(api, KubernetesStack.NAMESPACE);

      const connection = deployer === undefined ? controlPlane.admin : await controlPlane.connectionOf(deployer);
      const kubeconfig = join(controlPlane.folder, "deployer.kubeconfig");
      writeFileSync(kubeconfig, renderKubeconfig(connection), { mode: 0o600 });
      const deployment = await Deployment.create(network, customerFileInCluster(KubernetesStack.NAMESPACE, parts), {
        env: { KUBECONFIG: kubeconfig, PATH: [PLUGINS, process.env.PATH].join(delimiter) },
        // The API server is where this process is.
        launcher: ["nsenter", `--net=/proc/${process.pid}/ns/net`],
      });
      ends.unshift(() => deployment.remove());
      return new KubernetesStack({ controlPlane, api, deployment }, ends);
    } catch (error) {
      await endAll(ends);
      throw error;
    }
  }

  customerFile(parts: Partial<CustomerFile>): CustomerFile {
    return customerFileInCluster(KubernetesStack.NAMESPACE, parts);
  }

  makeNamespace(name: string): Promise<void> {
    return makeNamespace(this.api, name);
  }

  objectsOfBastion(): Promise<string[]> {
    return objectsOfBastion(this.api, KubernetesStack.NAMESPACE);
  }

  remove(): Promise<void> {
    return endAll(this.#ends);
  }
}

/** A group of tests that have a cluster without pods, and a stack. Where that cannot be had it is skipped, and says why. */
export function describeWithKubernetesStack(title: string, tests: () => void): void {
  describeAsRoot(title, () => describeWithControlPlane("in a cluster without pods", tests));
}

async function makeNamespace(api: ApiClient, name: string): Promise<void> {
  await api.create({ ...NAMESPACE, metadata: { name } });
  await waitUntil("a service account", () => api.find(SERVICE_ACCOUNT, { namespace: name, name: "default" }));
}

/** Ends one after the other, also when one of them cannot be ended. */
async function endAll([end, ...others]: readonly (() => Promise<void> | void)[]): Promise<void> {
  try {
    await end?.();
  } finally {
    if (others.length > 0) await endAll(others);
  }
}
