import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudProvider } from "../../world/provider/cloud-provider.ts";
import type { Properties } from "../../world/provider/values.ts";
import { World } from "../../world/world.ts";
import type { AwsContext } from "./account.ts";
import { awsCloud } from "./aws-cloud.ts";
import { type AwsSeeds, awsSeeds } from "./seeds.ts";
import { TYPE } from "./types.ts";

export const REGION = "eu-central-1";

/** Lets EC2 act as a role. */
export const TRUST = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

type Kind = keyof typeof TYPE;

/** A resource, as the engine would know it. */
export interface Made {
  readonly id: string;
  readonly state: Properties;
  readonly inputs: Properties;
}

/** An account in a world of its own, asked for resources as the engine asks, without an engine. */
export class TestAccount {
  readonly #folder = mkdtempSync(join(tmpdir(), "aws-account-"));
  readonly world: World;
  readonly provider: CloudProvider<AwsContext>;
  #made = 0;

  constructor(seeds: Partial<AwsSeeds> = {}) {
    this.world = World.create(join(this.#folder, "world"), awsSeeds({ patienceSeconds: 0, ...seeds }));
    this.provider = new CloudProvider(awsCloud, this.world);
    this.provider.configure({ region: REGION });
  }

  /** Checks and makes a resource. */
  async make(kind: Kind, inputs: Properties, name = "it"): Promise<Made> {
    const checked = this.check(kind, inputs, name);
    const { id, state } = await this.provider.create(this.urn(kind, name), checked, false);
    return { id, state, inputs: checked };
  }

  /** Inputs as a check completes them. Throws what it finds wrong, before anything was called. */
  check(kind: Kind, inputs: Properties, name = "it", former: Properties = {}): Properties {
    this.#made += 1;
    const checked = this.provider.check(this.urn(kind, name), former, inputs, new Uint8Array([this.#made]));
    const [problem] = checked.problems;
    if (problem !== undefined) throw new Error(`check of ${problem.property}: ${problem.reason}`);
    return checked.inputs;
  }

  /** What an update to other inputs would do: nothing, an update, or a replacement, and of which properties. */
  plan(kind: Kind, made: Made, inputs: Properties): string {
    const asked = this.check(kind, inputs, "it", made.inputs);
    const { differences, deleteBeforeReplace } = this.provider.diff(this.urn(kind, "it"), made.state, asked, []);
    const replaced = differences.filter(({ replaces }) => replaces);
    if (replaced.length === 0) return differences.length === 0 ? "same" : `update ${differences.map(({ path }) => path).join(" ")}`;
    return `${deleteBeforeReplace ? "delete and create" : "replace"} ${replaced.map(({ path }) => path).join(" ")}`;
  }

  async update(kind: Kind, made: Made, inputs: Properties): Promise<Made> {
    const asked = this.check(kind, inputs, "it", made.inputs);
    const state = await this.provider.update(this.urn(kind, "it"), made.id, made.state, asked, [], false);
    return { id: made.id, state, inputs: asked };
  }

  async remove(kind: Kind, { id }: Made): Promise<void> {
    await this.provider.delete(this.urn(kind, "it"), id);
  }

  /** The code of the error something is refused with, or the words of what a check finds wrong. */
  async refusal(action: () => Promise<unknown>): Promise<string> {
    try {
      await action();
    } catch (error) {
      const { message } = error as Error;
      return / api error (\S+): /.exec(message)?.[1] ?? message;
    }
    return "not refused";
  }

  /** The newest Debian of an architecture. */
  image(architecture: string): string {
    const { images } = awsSeeds().aws;
    return images.findLast((image) => image.architecture === architecture && image.name.startsWith("debian-13"))?.imageId ?? "";
  }

  urn(kind: Kind, name: string): string {
    return `urn:pulumi:test::test::${TYPE[kind]}::${name}`;
  }

  /** Actions called since some number of calls. */
  actionsSince(count: number): string[] {
    return this.world
      .calls()
      .slice(count)
      .map(({ action }) => action);
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
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
