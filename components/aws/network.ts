import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AWS_DEFAULTS } from "../core/aws/aws-defaults.ts";
import { transformed } from "../shared/transform.ts";
import type { AwsScope } from "./aws-scope.ts";

/** Where a bastion stands. */
export interface BastionNetwork {
  readonly vpcId: pulumi.Input<string>;
  readonly subnetId: pulumi.Input<string>;
  /** What has to be there before a machine in the subnet can reach anything. */
  readonly ways: readonly pulumi.Resource[];
}

/** The network that was asked for, or one of the bastion's own. */
export function createNetwork(scope: AwsScope): BastionNetwork {
  const { vpcId, subnetId } = scope.spec;
  return vpcId !== undefined && subnetId !== undefined ? existingNetwork(scope, vpcId, subnetId) : ownNetwork(scope);
}

/** A wrong pair would come out only when half of the bastion is there. */
function existingNetwork({ spec, parent }: AwsScope, vpcId: string, subnetId: string): BastionNetwork {
  const subnet = aws.ec2.getSubnetOutput({ id: subnetId }, { parent });
  const checkedId = pulumi.all([subnet.vpcId, subnet.ipv6CidrBlock]).apply(([found, ipv6Block]) => {
    const refuse = (reason: string): never => {
      throw new pulumi.ResourceError(`subnetId: ${reason}`, parent, true);
    };
    if (found !== vpcId) return refuse(`${subnetId} is a subnet of ${found}, not of ${vpcId}; give the vpcId and subnetId of one VPC`);
    if (spec.ipv6 === true && !ipv6Block) return refuse(`${subnetId} has no IPv6 block; give it one, or leave out ipv6`);
    return subnetId;
  });
  return { vpcId, subnetId: checkedId, ways: [] };
}

function ownNetwork({ name, spec, tags, transforms, parent }: AwsScope): BastionNetwork {
  const cidrBlock = spec.networkCidr ?? AWS_DEFAULTS.networkCidr;
  const ipv6 = spec.ipv6 ?? false;
  const vpc = new aws.ec2.Vpc(
    `${name}-vpc`,
    ...transformed(
      transforms.vpc,
      { cidrBlock, enableDnsSupport: true, enableDnsHostnames: true, assignGeneratedIpv6CidrBlock: ipv6, tags },
      { parent },
    ),
  );
  const gateway = new aws.ec2.InternetGateway(
    `${name}-internet-gateway`,
    ...transformed(transforms.internetGateway, { vpcId: vpc.id, tags }, { parent }),
  );
  const subnet = new aws.ec2.Subnet(
    `${name}-subnet`,
    ...transformed(
      transforms.subnet,
      { vpcId: vpc.id, cidrBlock, ...(ipv6 ? { ipv6CidrBlock: vpc.ipv6CidrBlock.apply(firstSubnetOf) } : {}), tags },
      { parent },
    ),
  );
  const routeTable = new aws.ec2.RouteTable(
    `${name}-route-table`,
    ...transformed(transforms.routeTable, { vpcId: vpc.id, tags }, { parent }),
  );
  const routeTo = (role: string, destination: Pick<aws.ec2.RouteArgs, "destinationCidrBlock" | "destinationIpv6CidrBlock">) =>
    new aws.ec2.Route(`${name}-${role}`, { routeTableId: routeTable.id, gatewayId: gateway.id, ...destination }, { parent });
  const routes = [
    routeTo("default-route", { destinationCidrBlock: "0.0.0.0/0" }),
    ...(ipv6 ? [routeTo("default-route-ipv6", { destinationIpv6CidrBlock: "::/0" })] : []),
  ];
  const association = new aws.ec2.RouteTableAssociation(
    `${name}-route-table-association`,
    { routeTableId: routeTable.id, subnetId: subnet.id },
    { parent },
  );
  return { vpcId: vpc.id, subnetId: subnet.id, ways: [gateway, ...routes, association] };
}

/** AWS gives a VPC a /56; a subnet is always a /64. */
function firstSubnetOf(vpcBlock: string): string {
  return vpcBlock.replace(/\/\d+$/, "/64");
}
