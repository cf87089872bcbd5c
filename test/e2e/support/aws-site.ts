import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { HostFile } from "../../../components/host/file-set.ts";
import { packDocument, renderHostFiles, renderManifest, splitDocument } from "../../../components/host/mailbox-document.ts";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { releaseInterface } from "../../cloud/aws/control-plane/launch.ts";
import { type AwsSeeds, awsSeeds, type Image } from "../../cloud/aws/control-plane/seeds.ts";
import type { DebianRelease } from "../../cloud/machine/cloud-adaptor.ts";
import { WORLD_VARIABLE, World, type WorldState } from "../../cloud/world/world.ts";
import { Cloud } from "./cloud.ts";
import { customerFile } from "./deployment.ts";
import { CUSTOMER, type Finished, PLATFORM } from "./network.ts";
import type { PreparedSite, Site } from "./site.ts";

const PLUGINS = resolve(import.meta.dirname, "../../cloud/bin");
const PARAMETER = "aws:ssm/parameter:Parameter";
const PARAMETER_BYTES = 4096;
const INSTANCE = "aws:ec2/instance:Instance";
const CREATE =
  /^(?:ec2:(?:Create(?!Tags)|Allocate|Associate|Attach|Authorize|Import|Run)|iam:(?:Create|Put|Add)|ssm:Put|route53:Change|cloudwatch:Put)/;

/** A stand-in AWS: the real engine creates resources in it, and its machines boot. */
export class AwsSite implements PreparedSite {
  readonly world: World;
  /** The machines; none where only records are of interest. */
  readonly cloud: Cloud | undefined;

  constructor(world: World, cloud: Cloud | undefined) {
    this.world = world;
    this.cloud = cloud;
  }

  get env(): NodeJS.ProcessEnv {
    return { [WORLD_VARIABLE]: this.world.folder, PATH: [PLUGINS, process.env.PATH].join(delimiter) };
  }

  customerFile(parts: Partial<CustomerFile>): CustomerFile {
    const { local: _local, ...file } = customerFile(parts);
    return {
      ...file,
      target: "aws",
      aws: { region: "eu-central-1", ...parts.aws },
      clientCidrs: parts.clientCidrs ?? [`${CUSTOMER}/32`],
      consumerCidrs: parts.consumerCidrs ?? [`${PLATFORM}/32`],
    };
  }

  /** The id of the one machine there is. */
  get instanceId(): string {
    const [id, ...others] = Object.entries(this.world.records(INSTANCE)).flatMap(([key, { instanceState }]) =>
      instanceState === "running" ? [key] : [],
    );
    if (id === undefined || others.length > 0)
      throw new Error(`expected one running instance, found ${[id, ...others].join(", ") || "none"}`);
    return id;
  }

  /** What there is, without what differs from one world to the next: by type, the names that were given. */
  census(): Record<string, string[]> {
    const names = (records: Record<string, Record<string, unknown>>) =>
      Object.values(records).map(({ name, tags }) =>
        `${(tags as Record<string, string> | undefined)?.["reverse-bastion"] ?? name ?? ""}`.replace(/-[0-9a-f]{7}$/, ""),
      );
    return Object.fromEntries(Object.entries(this.world.read().records).map(([type, records]) => [type, names(records).sort()]));
  }

  /** The calls so far that made something, each once. */
  creates(): string[] {
    return [...new Set(this.world.calls().flatMap(({ action }) => (CREATE.test(action) ? [action] : [])))];
  }

  /** An image of Debian 13 for an architecture, other than the one that is named. */
  image(architecture: Image["architecture"], otherThan = ""): string {
    const found = seedsOf(this.world.read()).images.find(
      (image) => image.name.startsWith("debian-13-") && image.architecture === architecture && image.imageId !== otherThan,
    );
    if (found === undefined) throw new Error(`there is no other image for ${architecture}`);
    return found.imageId;
  }

  /** Has Debian publish an image. */
  async publishNewerImage(): Promise<void> {
    await this.world.change((state) => {
      const seeds = state.seeds.aws as { images: Image[] };
      const [newest] = seeds.images.filter(({ name }) => name.startsWith("debian-13-arm64-")).slice(-1) as [Image];
      const name = "debian-13-arm64-20261121-2301";
      seeds.images.push({ ...newest, name, imageId: "ami-0123456789abcdef0", creationDate: "2026-11-21T12:00:00.000Z" });
    });
  }

  /** Puts two VPCs into the account that nobody has declared, each with a subnet. */
  async addNetworks(): Promise<{ vpcId: string; subnetId: string; otherSubnetId: string }> {
    const [vpcId, otherVpcId] = ["vpc-0aaaaaaaaaaaaaaa1", "vpc-0aaaaaaaaaaaaaaa2"];
    const [subnetId, otherSubnetId] = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"];
    const region = "eu-central-1";
    const common = { region, ownerId: "123456789012", ipv6CidrBlock: "", tags: {}, tagsAll: {} };
    const subnet = { ...common, availabilityZone: `${region}a`, mapPublicIpOnLaunch: false };
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

  /** Ends a machine behind Pulumi's back, as somebody at the console would. */
  async terminateBehindPulumisBack(instance: string): Promise<void> {
    await this.cloud?.terminate(instance);
    await this.world.change((state) => {
      const record = state.records[INSTANCE]?.[instance];
      if (record === undefined) throw new Error(`there is no instance ${instance}`);
      record.instanceState = "terminated";
      releaseInterface(state, record);
    });
  }

  /** Puts other host files into the mailbox, as a new version of this package would; the answer puts the old ones back. */
  async replaceHostFiles(change: (files: HostFile[]) => HostFile[]): Promise<() => Promise<void>> {
    const before = structuredClone(this.world.records(PARAMETER));
    await this.world.change(({ records }) => {
      const all = Object.values(records[PARAMETER] ?? {}) as { name: string; value: string }[];
      const at = (name: string) => all.find((parameter) => parameter.name.endsWith(`/host-files/${name}`));
      const parts = all.filter(({ name }) => /\/host-files\/\d+$/.test(name)).sort((a, b) => partOf(a.name) - partOf(b.name));
      const packed = Buffer.from(parts.map(({ value }) => value).join(""), "base64");
      const { files } = JSON.parse(gunzipSync(packed).toString()) as { files: HostFile[] };
      const document = renderHostFiles(change(files));
      const values = splitDocument(packDocument(document), PARAMETER_BYTES);
      if (values.length > parts.length) throw new Error("the changed files need more parameters than there are");
      for (const [i, value] of values.entries()) (at(`${i + 1}`) as { value: string }).value = value;
      (at("manifest") as { value: string }).value = renderManifest(document, values.length);
    });
    return () =>
      this.world.change(({ records }) => {
        for (const [id, { value }] of Object.entries(before)) Object.assign(records[PARAMETER]?.[id] ?? {}, { value });
      });
  }

  async waitForLogins(host: string): Promise<void> {
    await this.cloud?.waitForSshd(this.instanceId, host, 2222, 60);
  }

  run(program: string, ...args: readonly string[]): Promise<Finished> {
    if (this.cloud === undefined) throw new Error("there are no machines in this world");
    return this.cloud.run(this.instanceId, program, ...args);
  }

  async remove(): Promise<void> {
    await this.cloud?.stop();
    rmSync(this.world.folder, { recursive: true, force: true });
  }
}

/** AWS, with machines of one release of Debian. A change is read by a machine every ten seconds. */
function awsWith(release: DebianRelease): Site<AwsSite> {
  return {
    target: "aws",
    inForceSeconds: 30,
    prepare: async (network) => {
      const world = createWorld();
      return new AwsSite(world, await Cloud.start(network, world.folder, [release]));
    },
  };
}

export const AWS = awsWith("trixie");
export const AWS_DEBIAN_12 = awsWith("bookworm");

/** AWS without machines: for what is about resources only. */
export const AWS_RECORDS: Site<AwsSite> = {
  target: "aws",
  inForceSeconds: 0,
  prepare: async () => new AwsSite(createWorld(), undefined),
};

function createWorld(): World {
  return World.create(mkdtempSync(join(tmpdir(), "world-")), awsSeeds());
}

function seedsOf(state: WorldState): AwsSeeds {
  return state.seeds.aws as AwsSeeds;
}

function partOf(name: string): number {
  return Number(name.slice(name.lastIndexOf("/") + 1));
}
