import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { releaseInterface } from "../../cloud/aws/control-plane/launch.ts";
import { type AwsSeeds, awsSeeds, type Image } from "../../cloud/aws/control-plane/seeds.ts";
import type { WorldRecord } from "../../cloud/world/world.ts";
import { CloudSite, cloudTarget, type MailboxTexts } from "./cloud-site.ts";

const REGION = "eu-central-1";
const INSTANCE = "aws:ec2/instance:Instance";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const PARAMETER = "aws:ssm/parameter:Parameter";
const CREATE =
  /^(?:ec2:(?:Create(?!Tags)|Allocate|Associate|Attach|Authorize|Import|Run)|iam:(?:Create|Put|Add)|ssm:Put|route53:Change|cloudwatch:Put)/;

/** A stand-in AWS. */
export class AwsSite extends CloudSite {
  readonly previewOfAnotherClient = ["create acme-client-dc2-key", "update acme-key-set-1", "update acme-key-set-manifest"];
  readonly machineCreate = "ec2:RunInstances";
  readonly machineName = "acme-instance";
  readonly refreshOfDrift = /1 deleted/;
  protected readonly partBytes = 4096;

  protected placed(parts: Partial<CustomerFile>) {
    return { target: "aws" as const, aws: { region: REGION, ...parts.aws } };
  }

  get instanceId(): string {
    const running = Object.entries(this.world.records(INSTANCE)).filter(([, { instanceState }]) => instanceState === "running");
    const [[id] = [], ...others] = running;
    if (id === undefined || others.length > 0) throw new Error(`expected one running instance, found ${running.length}`);
    return id;
  }

  isSecret(_type: string, record: WorldRecord): boolean {
    return record.type === "SecureString";
  }

  protected isCreate(action: string): boolean {
    return CREATE.test(action);
  }

  protected nameOf({ name, tags }: WorldRecord): string {
    return `${(tags as Record<string, string> | undefined)?.["reverse-bastion"] ?? name ?? ""}`;
  }

  /** An image of Debian 13 for an architecture, other than the one that is named. */
  image(architecture: Image["architecture"], otherThan = ""): string {
    const { images } = this.world.read().seeds.aws as AwsSeeds;
    const found = images.find(
      (image) => image.name.startsWith("debian-13-") && image.architecture === architecture && image.imageId !== otherThan,
    );
    if (found === undefined) throw new Error(`there is no other image for ${architecture}`);
    return found.imageId;
  }

  withAnotherImage(): Partial<CustomerFile> {
    return { aws: { imageId: this.image("arm64", String(this.world.find(INSTANCE, this.instanceId)?.ami)) } };
  }

  async publishNewerImage(): Promise<void> {
    await this.world.change((state) => {
      const seeds = state.seeds.aws as { images: Image[] };
      const [newest] = seeds.images.filter(({ name }) => name.startsWith("debian-13-arm64-")).slice(-1) as [Image];
      const name = "debian-13-arm64-20261121-2301";
      seeds.images.push({ ...newest, name, imageId: "ami-0123456789abcdef0", creationDate: "2026-11-21T12:00:00.000Z" });
    });
  }

  async terminateBehindPulumisBack(instance: string): Promise<void> {
    await this.cloud?.terminate(instance);
    await this.world.change((state) => {
      const record = state.records[INSTANCE]?.[instance];
      if (record === undefined) throw new Error(`there is no instance ${instance}`);
      record.instanceState = "terminated";
      releaseInterface(state, record);
    });
  }

  async removeClientRule(): Promise<void> {
    const [id] = Object.entries(this.world.records(INGRESS)).find(([, { fromPort }]) => fromPort === 2222) ?? [];
    await this.world.forget(INGRESS, id ?? "");
  }

  readMailbox(): MailboxTexts {
    return Object.fromEntries(this.#parameters().map(([, { name, value }]) => [mailboxName(`${name}`), `${value}`]));
  }

  async writeMailbox(texts: MailboxTexts): Promise<void> {
    for (const [id, { name }] of this.#parameters()) {
      const value = texts[mailboxName(`${name}`)];
      if (value !== undefined) await this.world.alter(PARAMETER, id, { value });
    }
  }

  #parameters(): [string, WorldRecord][] {
    return Object.entries(this.world.records(PARAMETER)).filter(([, record]) => !this.isSecret(PARAMETER, record));
  }

  /** Puts two VPCs into the account that nobody has declared, each with a subnet. */
  async addNetworks(): Promise<{ vpcId: string; subnetId: string; otherSubnetId: string }> {
    const [vpcId, otherVpcId] = ["vpc-0aaaaaaaaaaaaaaa1", "vpc-0aaaaaaaaaaaaaaa2"];
    const [subnetId, otherSubnetId] = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"];
    const common = { region: REGION, ownerId: "123456789012", ipv6CidrBlock: "", tags: {}, tagsAll: {} };
    const subnet = { ...common, availabilityZone: `${REGION}a`, mapPublicIpOnLaunch: false };
    await this.world.change(({ records }) => {
      records["aws:ec2/vpc:Vpc"] = {
        ...records["aws:ec2/vpc:Vpc"],
        [vpcId]: { ...common, cidrBlock: "10.20.0.0/16" },
        [otherVpcId]: { ...common, cidrBlock: "10.21.0.0/16" },
      };
      records["aws:ec2/subnet:Subnet"] = {
        ...records["aws:ec2/subnet:Subnet"],
        [subnetId]: { ...subnet, vpcId, cidrBlock: "10.20.1.0/24" },
        [otherSubnetId]: { ...subnet, vpcId: otherVpcId, cidrBlock: "10.21.1.0/24" },
      };
    });
    return { vpcId, subnetId, otherSubnetId };
  }
}

/** AWS. A machine reads its mailbox every ten seconds. */
export const AWS = cloudTarget({
  target: "aws",
  seeds: () => ({ ...awsSeeds() }),
  inForceSeconds: 30,
  mailboxFaults: ["unreachable", "throttling"],
  make: (world, cloud) => new AwsSite(world, cloud),
});

/** `/reverse-bastion/…/key-set/1` as the machine asks for it. */
function mailboxName(parameter: string): string {
  return parameter.split("/").slice(-2).join("/");
}
