import type { LoadBalancerArgs } from "@pulumi/azure-native/network/loadBalancer.js";
import { LoadBalancer } from "@pulumi/azure-native/network/loadBalancer.js";
import * as pulumi from "@pulumi/pulumi";
import { PRIVATE_LINK_SERVICE_DEFAULTS as DEFAULTS, type PrivateLinkServiceSettings } from "../core/azure/private-link-service-spec.ts";
import { type Transform, transformed } from "../shared/transform.ts";
import type { PrivateLinkScope } from "./private-link-scope.ts";

/** A load balancer, with what others refer to. */
export interface ServiceLoadBalancer {
  readonly id: pulumi.Output<string>;
  readonly frontendId: pulumi.Output<string>;
  readonly frontendPrivateIp: pulumi.Output<string>;
  readonly backendAddressPoolId: pulumi.Output<string>;
}

const FRONTEND = "frontend";
const BACKENDS = "backends";
/** A rule refers to parts of its own load balancer, whose name is not known yet; azure-native puts it in here. */
const SELF = "$self";

/** Makes the load balancer in front of the machines: internal, with a probe for each port that tells of their health. */
export function createLoadBalancer(
  scope: PrivateLinkScope<{ readonly loadBalancer?: Transform<LoadBalancerArgs> | undefined }>,
  settings: PrivateLinkServiceSettings,
  frontendSubnetId: pulumi.Output<string>,
): ServiceLoadBalancer {
  const { name, location, resourceGroup, tags, transforms, parent } = scope;
  const { intervalSeconds = DEFAULTS.intervalSeconds, failureCount = DEFAULTS.failureCount } = settings.probe ?? {};
  const ports = settings.ports.map(({ probePort, ...rule }) => ({ ...rule, probePort: probePort ?? rule.port }));
  const probePorts = [...new Set(ports.map(({ probePort }) => probePort))];
  const loadBalancer = new LoadBalancer(
    `${name}-load-balancer`,
    ...transformed(
      transforms.loadBalancer,
      {
        resourceGroupName: resourceGroup,
        location,
        sku: { name: "Standard" },
        frontendIPConfigurations: [
          { name: FRONTEND, subnet: { id: frontendSubnetId }, privateIPAllocationMethod: "Dynamic", privateIPAddressVersion: "IPv4" },
        ],
        backendAddressPools: [{ name: BACKENDS }],
        probes: probePorts.map((port) => ({
          name: probeName(port),
          protocol: "Tcp",
          port,
          intervalInSeconds: intervalSeconds,
          // The second is what counts; Azure goes by the first where it does not know that one.
          numberOfProbes: failureCount,
          probeThreshold: failureCount,
        })),
        loadBalancingRules: ports.map(({ name: ruleName, port, probePort }) => ({
          name: ruleName,
          protocol: "Tcp",
          frontendPort: port,
          backendPort: port,
          frontendIPConfiguration: { id: `${SELF}/frontendIPConfigurations/${FRONTEND}` },
          backendAddressPool: { id: `${SELF}/backendAddressPools/${BACKENDS}` },
          probe: { id: `${SELF}/probes/${probeName(probePort)}` },
          idleTimeoutInMinutes: settings.idleTimeoutMinutes ?? DEFAULTS.idleTimeoutMinutes,
          enableTcpReset: true,
          enableFloatingIP: false,
          disableOutboundSnat: true,
        })),
        tags,
      },
      {
        parent,
        replaceOnChanges: ["location"],
        // Machines join by their network interfaces, which a refresh would make an addition of somebody's of.
        ignoreChanges: ["backendAddressPools[0].loadBalancerBackendAddresses"],
      },
    ),
  );
  return {
    id: loadBalancer.id,
    frontendId: pulumi.interpolate`${loadBalancer.id}/frontendIPConfigurations/${FRONTEND}`,
    frontendPrivateIp: loadBalancer.frontendIPConfigurations.apply((frontends) => frontends?.[0]?.privateIPAddress ?? ""),
    backendAddressPoolId: pulumi.interpolate`${loadBalancer.id}/backendAddressPools/${BACKENDS}`,
  };
}

function probeName(port: number): string {
  return `tcp-${port}`;
}
