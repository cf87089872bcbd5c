import * as gcp from "@pulumi/gcp";
import type * as pulumi from "@pulumi/pulumi";
import { type CidrBlock, parseCidr, renderCidr } from "../core/cidr.ts";
import type { PlacedTunnel } from "../core/forward.ts";
import { renderPortRanges } from "../core/port-ranges.ts";
import { transformed } from "../shared/transform.ts";
import type { GcpScope } from "./gcp-scope.ts";
import type { BastionNetwork } from "./network.ts";

/** Port of the system's own sshd, for an admin. */
const ADMIN_SSH_PORT = "22";
const EVERYWHERE = "0.0.0.0/0";
/**
 * The lower number decides. Rules that people make have 1000 unless they say otherwise, and a default network's own,
 * which open port 22 to the world, have 65534: neither opens anything of the bastion. What an organization forbids
 * with a lower number than these stays forbidden.
 */
const PRIORITY = { allow: 800, deny: 900 } as const;

/** Makes the firewall rules of a bastion: logins from `clientCidrs`, bind ports from `consumerCidrs`, nothing else inwards. */
export function createFirewall(
  { name, bastion, spec, transforms, parent }: GcpScope,
  network: BastionNetwork,
  serviceAccountEmail: pulumi.Input<string>,
  tunnels: pulumi.Output<readonly PlacedTunnel[]>,
): gcp.compute.Firewall[] {
  const rule = (role: string, what: string, args: Omit<gcp.compute.FirewallArgs, "network">) =>
    new gcp.compute.Firewall(
      `${name}-${role}`,
      ...transformed(
        transforms.firewall,
        {
          network: network.network,
          description: [what, spec.firewallNote].filter(Boolean).join(": "),
          direction: "INGRESS",
          // Whoever may set a machine's network tags could put others behind these rules, or take this one out.
          targetServiceAccounts: [serviceAccountEmail],
          ...args,
          ...network.inProject,
        },
        { parent },
      ),
    );
  const allow = (role: string, what: string, blocks: readonly CidrBlock[], ports: pulumi.Input<string[]>) =>
    blocks.length === 0
      ? []
      : [rule(role, what, { priority: PRIORITY.allow, sourceRanges: rangesOf(blocks), allows: [{ protocol: "tcp", ports }] })];

  const exposed = bastion.tunnels.some(({ bindAddress }) => bindAddress.scope !== "loopback");
  return [
    ...allow("allow-ssh", "Clients to sshd", bastion.clientCidrs, [`${bastion.sshPort}`]),
    ...(exposed ? allow("allow-tunnels", "Consumers to tunnels", bastion.consumerCidrs, exposedPorts(tunnels)) : []),
    ...(spec.admin === undefined ? [] : allow("allow-admin", "Admin", spec.admin.cidrs.map(parseCidr), [ADMIN_SSH_PORT])),
    rule("deny-rest", "Nobody else to the bastion", {
      priority: PRIORITY.deny,
      sourceRanges: [EVERYWHERE],
      denies: [{ protocol: "all" }],
    }),
  ];
}

function exposedPorts(tunnels: pulumi.Output<readonly PlacedTunnel[]>): pulumi.Output<string[]> {
  return tunnels.apply((placed) =>
    renderPortRanges(placed.filter(({ bindAddress }) => bindAddress.scope !== "loopback").map(({ bindPort }) => bindPort)),
  );
}

/** Blocks in one spelling, once each, in an order that does not depend on the author's. */
function rangesOf(blocks: readonly CidrBlock[]): string[] {
  return [...new Set(blocks.map(renderCidr))].sort();
}
