import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup.js";
import type { input } from "@pulumi/azure-native/types/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { type CidrBlock, cidrContains, parseCidr, renderCidr } from "../core/cidr.ts";
import type { PlacedTunnel } from "../core/forward.ts";
import { renderPortRanges } from "../core/port-ranges.ts";
import { transformed } from "../shared/transform.ts";
import type { AzureScope } from "./azure-scope.ts";

type SecurityRuleArgs = input.network.SecurityRuleArgs;

/** Port of the system's own sshd, for an admin. */
const ADMIN_SSH_PORT = "22";
/**
 * The lower number decides. Azure's own rules begin with 65000, by which everybody in the virtual network and in those
 * it is peered with gets in; 4096 is the last number that is ours to give.
 */
const PRIORITY = { "allow-ssh": 100, "allow-tunnels": 110, "allow-admin": 120, "deny-rest": 4096 } as const;

/** Makes the firewall of a bastion: logins from `clientCidrs`, bind ports from `consumerCidrs`, nothing else inwards. */
export function createFirewall(
  { name, bastion, spec, resourceGroup, tags, transforms, parent }: AzureScope,
  tunnels: pulumi.Output<readonly PlacedTunnel[]>,
): NetworkSecurityGroup {
  const rule = (
    role: keyof typeof PRIORITY,
    what: string,
    args: Pick<SecurityRuleArgs, "access" | "protocol" | "sourceAddressPrefix" | "destinationPortRange" | "destinationPortRanges">,
  ): SecurityRuleArgs => ({
    name: role,
    description: [what, spec.firewallNote].filter(Boolean).join(": "),
    priority: PRIORITY[role],
    direction: "Inbound",
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    ...args,
  });
  const allow = (
    role: keyof typeof PRIORITY,
    what: string,
    blocks: readonly CidrBlock[],
    ports: Pick<SecurityRuleArgs, "destinationPortRange" | "destinationPortRanges">,
  ) => (blocks.length === 0 ? [] : [rule(role, what, { access: "Allow", protocol: "Tcp", ...sourcesOf(blocks), ...ports })]);

  const exposed = bastion.tunnels.some(({ bindAddress }) => bindAddress.scope !== "loopback");
  const securityRules = [
    ...allow("allow-ssh", "Clients to sshd", bastion.clientCidrs, { destinationPortRange: `${bastion.sshPort}` }),
    ...(exposed
      ? allow("allow-tunnels", "Consumers to tunnels", bastion.consumerCidrs, { destinationPortRanges: exposedPorts(tunnels) })
      : []),
    ...(spec.admin === undefined
      ? []
      : allow("allow-admin", "Admin", spec.admin.cidrs.map(parseCidr), { destinationPortRange: ADMIN_SSH_PORT })),
    rule("deny-rest", "Nobody else to the bastion", {
      access: "Deny",
      protocol: "*",
      sourceAddressPrefix: "*",
      destinationPortRange: "*",
    }),
  ];
  return new NetworkSecurityGroup(
    `${name}-network-security-group`,
    ...transformed(
      transforms.networkSecurityGroup,
      { resourceGroupName: resourceGroup, location: spec.location, securityRules, tags },
      { parent, replaceOnChanges: ["location"] },
    ),
  );
}

function exposedPorts(tunnels: pulumi.Output<readonly PlacedTunnel[]>): pulumi.Output<string[]> {
  return tunnels.apply((placed) =>
    renderPortRanges(placed.filter(({ bindAddress }) => bindAddress.scope !== "loopback").map(({ bindPort }) => bindPort)),
  );
}

/** Blocks in one spelling, in an order that does not depend on the author's. Azure refuses a rule whose blocks overlap. */
function sourcesOf(blocks: readonly CidrBlock[]): Pick<SecurityRuleArgs, "sourceAddressPrefix" | "sourceAddressPrefixes"> {
  const outermost = blocks.filter(
    (block) => !blocks.some((other) => other.prefixLength < block.prefixLength && cidrContains(other, block)),
  );
  const [first, ...others] = [...new Set(outermost.map(renderCidr))].sort();
  return others.length === 0 ? { sourceAddressPrefix: first } : { sourceAddressPrefixes: [first as string, ...others] };
}
