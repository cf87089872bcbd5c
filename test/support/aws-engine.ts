import type { EngineOptions, RegisteredResource } from "./engine.ts";
import { providerOutputs } from "./local-engine.ts";

/** The account and region of the tests. */
export const REGION = "eu-central-1";
export const ACCOUNT = "123456789012";
export const PUBLIC_IP = "203.0.113.10";
export const PRIVATE_IP = "10.255.0.7";
export const IPV6_ADDRESS = "2001:db8:0:1::7";
/** The newest image of the account, and the subnet and zone that exist in it. */
export const NEWEST_IMAGE = "ami-0feedfacecafebeef";
export const EXISTING = { vpcId: "vpc-0abc1234567890def", subnetId: "subnet-0abc1234567890def" };
export const ZONE_ID = "Z0123456789ABCDEFGHIJ";

/** What AWS adds to the inputs of its resources, and our own provider to those of its. */
export function awsOutputs(resource: RegisteredResource): object {
  const { type, name, inputs } = resource;
  switch (type) {
    case "aws:ssm/parameter:Parameter":
      return { arn: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter${inputs.name}` };
    case "aws:ec2/instance:Instance":
      return { arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${name}-id` };
    case "aws:ec2/eip:Eip":
      return { publicIp: PUBLIC_IP, allocationId: `${name}-allocation` };
    case "aws:ec2/networkInterface:NetworkInterface": {
      const [privateIp = PRIVATE_IP] = (inputs.privateIps as string[] | undefined) ?? [];
      return { privateIp, ipv6Addresses: inputs.ipv6AddressCount === 1 ? [IPV6_ADDRESS] : [] };
    }
    case "aws:ec2/vpc:Vpc":
      return inputs.assignGeneratedIpv6CidrBlock === true ? { ipv6CidrBlock: "2001:db8:0:100::/56" } : {};
    case "aws:iam/role:Role":
    case "aws:iam/instanceProfile:InstanceProfile":
      return { name: `${name}-1a2b3c4` };
    case "aws:ec2/keyPair:KeyPair":
      return { keyName: `${name}-1a2b3c4` };
    default:
      return type.startsWith("aws:") ? {} : providerOutputs(resource);
  }
}

/** An engine with this account and our own provider behind it. */
export const AWS_ENGINE: EngineOptions = {
  outputsOf: awsOutputs,
  calls: {
    "aws:ec2/getAmi:getAmi": ({ filters }) => ({ id: NEWEST_IMAGE, architecture: filterOf(filters, "architecture") ?? "arm64" }),
    "aws:ec2/getSubnet:getSubnet": () => ({ vpcId: EXISTING.vpcId, ipv6CidrBlock: "2001:db8:0:200::/64" }),
    "aws:route53/getZone:getZone": () => ({ zoneId: ZONE_ID }),
  },
};

function filterOf(filters: unknown, name: string): string | undefined {
  return (filters as { name: string; values: string[] }[]).find((filter) => filter.name === name)?.values[0];
}

/** The values of a bastion's parameters, by their name below its prefix. */
export function parametersOf(registered: readonly RegisteredResource[], bastion = "acme"): Record<string, string> {
  const prefix = `/reverse-bastion/project/stack/${bastion}/`;
  return Object.fromEntries(
    registered
      .filter(({ type, inputs }) => type === "aws:ssm/parameter:Parameter" && String(inputs.name).startsWith(prefix))
      .map(({ inputs }) => [String(inputs.name).slice(prefix.length), inputs.value as string]),
  );
}
