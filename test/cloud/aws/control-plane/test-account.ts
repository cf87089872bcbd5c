import { DirectProvider, type Made } from "../../world/provider/direct-provider.ts";
import type { AwsContext } from "./account.ts";
import { awsCloud } from "./aws-cloud.ts";
import { type AwsSeeds, awsSeeds } from "./seeds.ts";
import { TYPE } from "./types.ts";

export type { Made };

export const REGION = "eu-central-1";

/** Lets EC2 act as a role. */
export const TRUST = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

/** An account in a world of its own, asked for resources without an engine. */
export class TestAccount extends DirectProvider<keyof typeof TYPE, AwsContext> {
  constructor(seeds: Partial<AwsSeeds> = {}) {
    super(awsCloud, TYPE, awsSeeds({ patienceSeconds: 0, ...seeds }), { region: REGION }, /(?<= api error )\S+(?=: )/);
  }

  /** The newest Debian of an architecture. */
  image(architecture: string): string {
    const { images } = awsSeeds().aws;
    return images.findLast((image) => image.architecture === architecture && image.name.startsWith("debian-13"))?.imageId ?? "";
  }
}

/** A network with a way to the internet, and a security group in it. */
export async function makeNetwork(account: TestAccount) {
  const vpc = await account.make("vpc", { cidrBlock: "10.20.0.0/16", assignGeneratedIpv6CidrBlock: true });
  const gateway = await account.make("internetGateway", { vpcId: vpc.id });
  const subnet = await account.make("subnet", { vpcId: vpc.id, cidrBlock: "10.20.1.0/24", ipv6CidrBlock: "2001:db8:0:1::/64" });
  const group = await account.make("securityGroup", { vpcId: vpc.id, description: "A bastion" });
  return { vpc, gateway, subnet, group };
}

export type Network = Awaited<ReturnType<typeof makeNetwork>>;
