import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type CidrBlock, parseCidr } from "../core/cidr.ts";
import { isProxied } from "../core/kubernetes/exposure.ts";
import { ExposureKind } from "../core/kubernetes/exposure-spec.ts";
import { renderPod } from "../host/pod.ts";
import { HOST_KEY_FILES, type HostKeys } from "../shared/host-keys.ts";
import { transformed } from "../shared/transform.ts";
import { type KubernetesScope, metadataOf } from "./kubernetes-scope.ts";

const EVERYWHERE = parseCidr("0.0.0.0/0");
/** The probes ask from here. */
const LOOPBACK = parseCidr("127.0.0.0/8");

/** What a pod reads when it starts. */
export interface Configuration {
  readonly configMapName: pulumi.Output<string>;
  readonly hostKeySecretName: pulumi.Output<string>;
  /** Names of the files in the ConfigMap that sshd and the programs read. */
  readonly files: readonly string[];
  /** Names of the files in it that stand for the image's own in `/etc`. */
  readonly accountFiles: readonly string[];
}

/**
 * Puts the configuration of a bastion and its host keys where its pod finds them. Neither is ever changed: other content
 * is another object with another name, so that the pod that is to read it is another one too.
 */
export function createConfiguration(scope: KubernetesScope, hostKeys: HostKeys): Configuration {
  const { name, bastion, workloads, transforms, parent } = scope;
  const { configuration, accounts } = renderPod(bastion, { hostKeyFiles: HOST_KEY_FILES, workloads, ...sourcesOf(scope) });
  const configMap = new kubernetes.core.v1.ConfigMap(
    `${name}-config`,
    ...transformed(
      transforms.configMap,
      { metadata: metadataOf(scope, undefined), immutable: true, data: { ...configuration, ...accounts } },
      { parent },
    ),
  );
  const secret = new kubernetes.core.v1.Secret(
    `${name}-host-keys`,
    ...transformed(
      transforms.secret,
      { metadata: metadataOf(scope, undefined), type: "Opaque", immutable: true, stringData: hostKeys.privateKeys },
      { parent },
    ),
  );
  return {
    configMapName: configMap.metadata.name,
    hostKeySecretName: secret.metadata.name,
    files: Object.keys(configuration),
    accountFiles: Object.keys(accounts),
  };
}

/**
 * Behind a proxy, every client has the proxy's address: sshd cannot tell them apart, and a penalty for one would lock
 * out all. The network policy says who gets that far.
 */
function sourcesOf({ bastion, exposure }: KubernetesScope): {
  readonly allowedSources: readonly CidrBlock[];
  readonly penaltyExemptCidrs: readonly CidrBlock[];
} {
  if (isProxied(exposure)) return { allowedSources: [EVERYWHERE], penaltyExemptCidrs: [EVERYWHERE] };
  const probes = exposure.kind === ExposureKind.LoadBalancer ? (exposure.loadBalancer.probeCidrs ?? []).map(parseCidr) : [];
  return { allowedSources: bastion.clientCidrs, penaltyExemptCidrs: [LOOPBACK, ...probes, ...bastion.penaltyExemptCidrs] };
}
