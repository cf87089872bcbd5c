import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type CidrBlock, parseCidr, renderCidr } from "../core/cidr.ts";
import type { PlacedTunnel } from "../core/forward.ts";
import { transformed } from "../shared/transform.ts";
import type { AwsScope } from "./aws-scope.ts";

/** Port of the system's own sshd, for an admin. */
const ADMIN_SSH_PORT = 22;
/** What a machine has to reach: the SSM endpoint, and Debian's mirrors for security updates. */
const WAYS_OUT = [
  { role: "https", port: 443, what: "SSM and updates" },
  { role: "http", port: 80, what: "updates" },
] as const;

/** The firewall of a bastion: logins from `clientCidrs`, bind ports from `consumerCidrs`, and nothing else inwards. */
export interface Firewall {
  readonly securityGroupId: pulumi.Output<string>;
  /** The rules that let the machine out. */
  readonly waysOut: readonly pulumi.Resource[];
}

/** Makes the security group of a bastion, one rule for each port and block (EC2 sees every rule apart). */
export function createFirewall(scope: AwsScope, vpcId: pulumi.Input<string>, tunnels: pulumi.Output<readonly PlacedTunnel[]>): Firewall {
  const { name, bastion, spec, tags, transforms, parent } = scope;
  const group = new aws.ec2.SecurityGroup(
    `${name}-security-group`,
    ...transformed(
      transforms.securityGroup,
      // A group whose description or name changes is replaced, which hangs while it is in use: nothing variable goes in.
      { vpcId, namePrefix: `bastion-${name}-`, description: "Reverse SSH bastion", tags },
      { parent },
    ),
  );

  const allow = (role: string, blocks: readonly CidrBlock[], port: pulumi.Input<number>, what: string) =>
    distinct(blocks).map(
      (block) =>
        new aws.vpc.SecurityGroupIngressRule(
          `${name}-${role}-from-${renderRole(block)}`,
          ...transformed(
            transforms.ingressRule,
            {
              securityGroupId: group.id,
              ipProtocol: "tcp",
              fromPort: port,
              toPort: port,
              ...sourceOf(block),
              description: describe(what),
              tags,
            },
            { parent },
          ),
        ),
    );
  const describe = (what: string) => [what, spec.firewallNote].filter(Boolean).join(": ");

  allow("ssh", bastion.clientCidrs, bastion.sshPort, "Clients to sshd");
  for (const tunnel of bastion.tunnels)
    if (tunnel.bindAddress.scope !== "loopback")
      allow(`tunnel-${tunnel.name}`, bastion.consumerCidrs, bindPortOf(tunnels, tunnel.name), `Consumers to tunnel ${tunnel.name}`);
  if (spec.admin !== undefined) allow("admin", spec.admin.cidrs.map(parseCidr), ADMIN_SSH_PORT, "Admin");

  const worlds = [{ cidrIpv4: "0.0.0.0/0" }, ...(spec.ipv6 === true ? [{ cidrIpv6: "::/0" }] : [])];
  const waysOut = WAYS_OUT.flatMap(({ role, port, what }) =>
    worlds.map(
      (world) =>
        new aws.vpc.SecurityGroupEgressRule(
          `${name}-${role}-out${"cidrIpv6" in world ? "-ipv6" : ""}`,
          ...transformed(
            transforms.egressRule,
            { securityGroupId: group.id, ipProtocol: "tcp", fromPort: port, toPort: port, ...world, description: describe(what), tags },
            { parent },
          ),
        ),
    ),
  );
  return { securityGroupId: group.id, waysOut };
}

function bindPortOf(tunnels: pulumi.Output<readonly PlacedTunnel[]>, name: string): pulumi.Output<number> {
  return tunnels.apply((placed) => placed.find((tunnel) => tunnel.name === name)?.bindPort as number);
}

/** The same block twice would be the same rule twice, which EC2 refuses. */
function distinct(blocks: readonly CidrBlock[]): CidrBlock[] {
  return [...new Map(blocks.map((block) => [renderCidr(block), block])).values()];
}

function sourceOf(block: CidrBlock): { cidrIpv4: string } | { cidrIpv6: string } {
  return block.family === 4 ? { cidrIpv4: renderCidr(block) } : { cidrIpv6: renderCidr(block) };
}

/** A block as a part of a resource's name, where a colon would be read as a separator. */
function renderRole(block: CidrBlock): string {
  return renderCidr(block).replaceAll(":", ".").replace("/", "-");
}
