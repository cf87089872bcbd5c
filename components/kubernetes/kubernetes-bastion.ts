import * as pulumi from "@pulumi/pulumi";
import { parseBastion } from "../core/bastion.ts";
import type { HostKeyDescription, OperatorDescription, PeerDescription, TunnelDescription } from "../core/describe-bastion.ts";
import { loginUsersOf } from "../core/key-set.ts";
import { checkBastionOnKubernetes } from "../core/kubernetes/check-bastion-on-kubernetes.ts";
import { checkKubernetes } from "../core/kubernetes/check-kubernetes.ts";
import { podConsumers } from "../core/kubernetes/consumer-pods.ts";
import { dialledPort, parseExposure } from "../core/kubernetes/exposure.ts";
import { KUBERNETES_DEFAULTS } from "../core/kubernetes/kubernetes-defaults.ts";
import type { KubernetesSpec } from "../core/kubernetes/kubernetes-spec.ts";
import { ownLabels } from "../core/kubernetes/labels.ts";
import { checkNameOnKubernetes, clusterHostOf, objectNames } from "../core/kubernetes/object-name.ts";
import { parseWorkloads } from "../core/kubernetes/workloads.ts";
import { checkName } from "../core/name.ts";
import { asProblems } from "../core/problem-list.ts";
import { REFRESH_COMMAND } from "../host/pod.ts";
import type { BastionArgs } from "../shared/bastion-args.ts";
import type { BastionOutputs } from "../shared/bastion-outputs.ts";
import { createBastionParts, outputsOf } from "../shared/bastion-parts.ts";
import { checked } from "../shared/checked.ts";
import { claimFor } from "./claims.ts";
import { createConfiguration, createHostKeySecret } from "./configuration.ts";
import { createDeployment, createDisruptionBudget } from "./deployment.ts";
import { createKeySet, planKeySet } from "./key-set.ts";
import type { KubernetesScope } from "./kubernetes-scope.ts";
import type { KubernetesTransforms } from "./kubernetes-transforms.ts";
import { createNetworkPolicy } from "./network-policy.ts";
import { createSshService, createTunnelService } from "./services.ts";
import { createProxyRoute, dialledHost, warnOfHiddenClients } from "./way-in.ts";
import { createWorkloadAccess } from "./workload-access.ts";

/** What a bastion in a cluster takes: what every bastion takes, and what Kubernetes needs to know. */
export interface KubernetesBastionArgs extends BastionArgs, KubernetesSpec {}

/** Options of the component, and the way to what its arguments do not offer. */
export interface KubernetesBastionOptions extends pulumi.ComponentResourceOptions {
  readonly transform?: KubernetesTransforms | undefined;
}

/**
 * A bastion in a Kubernetes cluster: one pod without root, without capabilities and without a way outwards, behind a
 * network policy of its own, and a service by which the cluster's pods reach its tunnels. With `workloads`, it is also the
 * way to workload pods, and these are all that it reaches beside the API server.
 *
 * Clients, keys and tunnels change while the pod runs, and no other tunnel notices. What needs another pod (a new image,
 * another port of sshd) takes seconds, in which every client reconnects; host keys and names stay.
 */
export class KubernetesBastion extends pulumi.ComponentResource implements BastionOutputs {
  declare readonly host: pulumi.Output<string>;
  declare readonly sshPort: pulumi.Output<number>;
  declare readonly statusPort: pulumi.Output<number>;
  declare readonly user: pulumi.Output<string>;
  declare readonly consumerUser: pulumi.Output<string>;
  declare readonly endpoint: pulumi.Output<string>;
  declare readonly consumerEndpoint: pulumi.Output<string>;
  declare readonly hostKeys: pulumi.Output<readonly HostKeyDescription[]>;
  declare readonly knownHosts: pulumi.Output<string>;
  declare readonly tunnels: pulumi.Output<readonly TunnelDescription[]>;
  declare readonly clients: pulumi.Output<readonly PeerDescription[]>;
  declare readonly consumers: pulumi.Output<readonly PeerDescription[]>;
  declare readonly operators: pulumi.Output<readonly OperatorDescription[]>;
  declare readonly clientPrivateKeys: pulumi.Output<Record<string, string>>;
  declare readonly consumerPrivateKeys: pulumi.Output<Record<string, string>>;
  declare readonly operatorPrivateKeys: pulumi.Output<Record<string, string>>;
  readonly namespace: pulumi.Output<string>;
  /** Name by which pods reach bind ports that are not on loopback. */
  readonly clusterHost: pulumi.Output<string>;
  readonly deploymentName: pulumi.Output<string>;
  /** What users of workload pods write behind `ssh -J`: `jump@host:port`. Empty without `workloads`. */
  readonly jumpHost: pulumi.Output<string>;
  /** The command by which all workload pods are looked at anew, now. Empty without `workloads`. */
  readonly refreshCommand: pulumi.Output<string>;

  constructor(name: string, args: KubernetesBastionArgs, { transform = {}, ...opts }: KubernetesBastionOptions = {}) {
    super("reverse-bastion:kubernetes:KubernetesBastion", name, {}, opts);
    const { serviceName = KUBERNETES_DEFAULTS.serviceName } = args;
    const bastion = checked(this, () => {
      const problems = [
        ...asProblems("name", checkName(name) ?? checkNameOnKubernetes(name)),
        ...checkKubernetes(args, name, args),
        ...checkBastionOnKubernetes(args, args),
      ];
      return parseBastion(args, problems, { otherConsumers: podConsumers(args.consumerPods) });
    });
    const keySetPlan = checked(this, () => planKeySet(bastion));
    const exposure = parseExposure(args, bastion.sshPort);
    const workloads = args.workloads && parseWorkloads(args.workloads, args.namespace);
    const selector = ownLabels(name);
    const scope: KubernetesScope = {
      name,
      names: objectNames(name),
      bastion,
      spec: args,
      exposure,
      workloads,
      selector,
      labels: { ...args.labels, ...selector },
      transforms: transform,
      parent: this,
    };
    checked(this, () => claimFor(scope));
    warnOfHiddenClients(this, bastion, exposure);

    const parts = createBastionParts(name, bastion, this);
    const configuration = createConfiguration(scope);
    const hostKeySecret = createHostKeySecret(scope, parts.hostKeys);
    const keySet = createKeySet(scope, parts, keySetPlan);
    const networkPolicy = createNetworkPolicy(scope, parts.tunnels);
    const workloadAccess = createWorkloadAccess(scope);
    const deployment = createDeployment(scope, configuration, [hostKeySecret, keySet, networkPolicy, ...workloadAccess]);
    createDisruptionBudget(scope);
    createTunnelService(scope, parts.tunnels);
    const sshService = createSshService(scope);
    createProxyRoute(scope, sshService);

    const users = loginUsersOf(bastion);
    const clusterHost = clusterHostOf(serviceName, args.namespace);
    const host = dialledHost(scope, sshService);
    Object.assign(
      this,
      outputsOf(bastion, parts, { users, host, sshPort: dialledPort(exposure, bastion.sshPort), consumerHosts: [clusterHost] }),
    );
    this.namespace = pulumi.output(args.namespace);
    this.clusterHost = pulumi.output(clusterHost);
    this.deploymentName = deployment.metadata.name;
    this.jumpHost = workloads === undefined ? pulumi.output("") : pulumi.interpolate`${workloads.user}@${this.host}:${this.sshPort}`;
    this.refreshCommand =
      workloads === undefined
        ? pulumi.output("")
        : pulumi.interpolate`kubectl -n ${args.namespace} exec deployment/${this.deploymentName} -- ${REFRESH_COMMAND.join(" ")}`;
    this.registerOutputs({ endpoint: this.endpoint, clusterHost: this.clusterHost, deploymentName: this.deploymentName });
  }
}
