import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { awsSeeds } from "../../cloud/aws/control-plane/seeds.ts";
import { World } from "../../cloud/world/world.ts";
import { Cloud } from "../support/cloud.ts";
import { ADDRESS, ECHO, ECHO_PROGRAM, ECHO_UNIT } from "../support/machine-scene.ts";
import { BASTION, type Finished, type Network } from "../support/network.ts";

const INSTANCE = "i-0123456789abcdef0";

/** What the customer adds to the kit's cloud-config. */
export interface CustomersPart {
  /** Where the kit's cloud-config wants the key. */
  readonly keyPath: string;
  readonly key: string;
}

/** A customer's virtual machine in some cloud, with a data source at the loopback, made from the kit's cloud-config. */
export class CustomerMachine {
  readonly #cloud: Cloud;
  readonly #folder: string;

  private constructor(cloud: Cloud, folder: string) {
    this.#cloud = cloud;
    this.#folder = folder;
  }

  /** The address it comes from. */
  static readonly ADDRESS = ADDRESS;
  /** Port of its data source, which gives back what it gets. */
  static readonly ECHO = ECHO;

  static async boot(network: Network, cloudConfig: string, added: CustomersPart): Promise<CustomerMachine> {
    const folder = mkdtempSync(join(tmpdir(), "customer-machine-"));
    let cloud: Cloud | undefined;
    try {
      const world = World.create(folder, awsSeeds());
      await world.change((state) => Object.assign(state.records, recordsOf(complete(cloudConfig, added))));
      cloud = await Cloud.start(network, folder);
      await cloud.boot(INSTANCE);
      return new CustomerMachine(cloud, folder);
    } catch (error) {
      await cloud?.stop();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Runs a command inside, as root, however it ends. */
  attempt(...command: readonly string[]): Promise<Finished> {
    return this.#cloud.run(INSTANCE, ...command);
  }

  /** Runs a command inside, as root, and gives what it printed. */
  async inside(...command: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.attempt(...command);
    if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}:\n${stdout}\n${stderr}`);
    return stdout.trim();
  }

  async reboot(): Promise<void> {
    await this.#cloud.reboot(INSTANCE);
  }

  async remove(): Promise<void> {
    await this.#cloud.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The kit's cloud-config as its customer completes it: with the key, and here with a data source. */
function complete(cloudConfig: string, { keyPath, key }: CustomersPart): string {
  const config = parse(cloudConfig) as { write_files: object[]; runcmd: unknown[] };
  const files = [
    ...config.write_files,
    { path: keyPath, permissions: "0600", content: key },
    { path: "/usr/local/bin/echo-server", permissions: "0755", content: ECHO_PROGRAM },
    { path: "/etc/systemd/system/echo@.service", content: ECHO_UNIT },
  ];
  const start = ["systemctl", "enable", "--now", `echo@${ECHO}.service`];
  return `#cloud-config\n${stringify({ ...config, write_files: files, runcmd: [start, ...config.runcmd] })}`;
}

function recordsOf(userData: string) {
  const outwards = { securityGroupId: "sg-1", ipProtocol: "tcp", fromPort: 2222, toPort: 2222, cidrIpv4: `${BASTION}/32` };
  return {
    "aws:ec2/instance:Instance": {
      [INSTANCE]: {
        availabilityZone: "eu-central-1a",
        primaryNetworkInterface: { networkInterfaceId: "eni-1" },
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        userData,
      },
    },
    "aws:ec2/networkInterface:NetworkInterface": {
      "eni-1": { privateIp: "10.0.1.10", privateIps: ["10.0.1.10"], securityGroups: ["sg-1"] },
    },
    "aws:ec2/eip:Eip": { "eipalloc-1": { allocationId: "eipalloc-1", publicIp: ADDRESS } },
    "aws:ec2/eipAssociation:EipAssociation": { "eipassoc-1": { allocationId: "eipalloc-1", networkInterfaceId: "eni-1" } },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": { "sgr-1": outwards },
  };
}
