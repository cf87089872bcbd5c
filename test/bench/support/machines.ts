import { platform } from "node:os";
import { TYPE } from "../../cloud/aws/control-plane/types.ts";
import type { World } from "../../cloud/world/world.ts";
import { AWS } from "../../e2e/support/aws-site.ts";
import type { Cloud } from "../../e2e/support/cloud.ts";
import { CustomerFolder } from "../../e2e/support/customer.ts";
import { Deployment } from "../../e2e/support/deployment.ts";
import { missingMachinePrograms } from "../../e2e/support/machine-programs.ts";
import { CUSTOMER } from "../../e2e/support/network.ts";
import { isRoot, type Site } from "./site.ts";

/** A machine that is declared, and switched off. */
export interface TestMachine {
  readonly instance: string;
  /** What a customer types to log in. */
  readonly command: string;
}

/** A bastion on the stand-in AWS, and a machine of the same image that nothing is wanted of. */
export interface Machines {
  readonly cloud: Cloud;
  readonly customer: CustomerFolder;
  readonly bastion: TestMachine;
  readonly plain: TestMachine;
}

const PLAIN_INSTANCE = "i-0aaaaaaaaaaaaaaa1";
const PLAIN_GROUP = "sg-0aaaaaaaaaaaaaaa1";
const PLAIN_ADDRESS = "192.0.2.200";

/** What is missing here to boot machines, as the end of a sentence; `undefined` where nothing is. */
export function whyNoMachines(): string | undefined {
  if (!isRoot || platform() !== "linux") return "needs root on Linux, to boot machines";
  const missing = missingMachinePrograms();
  return missing.length === 0 ? undefined : `needs ${missing.join(", ")}, to boot machines`;
}

/** Deploys a bastion on the stand-in AWS, with one client, and declares the plain machine beside it. */
export async function prepareMachines(site: Site): Promise<Machines> {
  await site.checkpoint();
  site.progress("Deploying a bastion on the stand-in AWS (the first time, its Debian is made: about a minute more)");
  const aws = await AWS.withMachines().prepare(site.network);
  site.onClose(() => aws.remove());
  const { cloud, world } = aws;
  if (cloud === undefined) throw new Error("the stand-in AWS came without machines");
  await site.checkpoint();
  const deployment = await Deployment.create(site.network, aws.customerFile({}), { env: aws.env });
  site.onClose(() => deployment.remove());
  await site.checkpoint();
  const outputs = await deployment.up();
  const customer = new CustomerFolder(site.network);
  customer.take(outputs);
  const bastion = { instance: aws.instanceId, command: outputs.clients[0]?.command ?? "" };
  await cloud.terminate(bastion.instance);
  return { cloud, customer, bastion, plain: await declarePlainMachine(world, bastion.instance) };
}

/** Behind Pulumi's back: it is no part of what is deployed. */
async function declarePlainMachine(world: World, bastion: string): Promise<TestMachine> {
  await world.change(({ records }) => {
    const { ami, region, availabilityZone, metadataOptions } = records[TYPE.instance]?.[bastion] ?? {};
    records[TYPE.instance] = {
      ...records[TYPE.instance],
      [PLAIN_INSTANCE]: {
        ...{ ami, region, availabilityZone, metadataOptions },
        privateIp: "172.16.0.10",
        publicIp: PLAIN_ADDRESS,
        vpcSecurityGroupIds: [PLAIN_GROUP],
        userData: "#cloud-config\n{}\n",
      },
    };
    records[TYPE.securityGroupIngressRule] = {
      ...records[TYPE.securityGroupIngressRule],
      "sgr-0aaaaaaaaaaaaaaa1": { securityGroupId: PLAIN_GROUP, ipProtocol: "tcp", fromPort: 22, toPort: 22, cidrIpv4: `${CUSTOMER}/32` },
    };
  });
  return { instance: PLAIN_INSTANCE, command: `ssh -o BatchMode=yes -o UserKnownHostsFile=known_hosts admin@${PLAIN_ADDRESS}` };
}
