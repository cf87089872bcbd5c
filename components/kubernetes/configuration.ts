import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type CidrBlock, parseCidr } from "../core/cidr.ts";
import { isProxied } from "../core/kubernetes/exposure.ts";
import { ExposureKind } from "../core/kubernetes/exposure-spec.ts";
import { renderPod } from "../host/pod.ts";
import type { HostKeys } from "../shared/host-keys.ts";
import { transformed } from "../shared/transform.ts";
import { type KubernetesScope, metadataOf } from "./kubernetes-scope.ts";

const EVERYWHERE = parseCidr("0.0.0.0/0");
/** The probes ask from here. */
const LOOPBACK = parseCidr("127.0.0.0/8");

/** What a pod reads when it starts, and cannot be changed. */
export interface Configuration {
  readonly configMapName: pulumi.Output<string>;
  /** Names of the files in the ConfigMap that sshd and the programs read. */
  readonly files: readonly string[];
  /** Names of the files in it that stand for the image's own in `/etc`. */
  readonly accountFiles: readonly string[];
}

/**
 * Puts the configuration of a bastion where its pod finds it. It is never changed: other content is another object with
 * another name, so that the pod that is to read it is another one too.
 */
export function createConfiguration(scope: KubernetesScope): Configuration {
  const { name, bastion, workloads, transforms, parent } = scope;
  const { configuration, accounts } = renderPod(bastion, { workloads, ...sourcesOf(scope) });
  const configMap = new kubernetes.core.v1.ConfigMap(
    `${name}-config`,
    ...transformed(
      transforms.configMap,
      { metadata: metadataOf(scope, undefined), immutable: true, data: { ...configuration, ...accounts } },
      { parent },
    ),
  );
  return {
    configMapName: configMap.metadata.name,
    files: Object.keys(configuration),
    accountFiles: Object.keys(accounts),
  };
}

/**
 * Puts the host keys of a bastion where the running pod sees them change, as it does its key set: the name never changes.
 * In base64, since what is taken out of `stringData` stays in the object when that is changed in place.
 */
export function createHostKeySecret(scope: KubernetesScope, hostKeys: HostKeys): kubernetes.core.v1.Secret {
  const { name, names, transforms, parent } = scope;
  const data = hostKeys.privateKeys.apply((keys) =>
    Object.fromEntries(Object.entries(keys).map(([file, key]) => [file, Buffer.from(key).toString("base64")])),
  );
  return new kubernetes.core.v1.Secret(
    `${name}-host-keys`,
    ...transformed(transforms.secret, { metadata: metadataOf(scope, names.hostKeys), type: "Opaque", data }, { parent }),
  );
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
