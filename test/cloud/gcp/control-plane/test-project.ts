import type { Properties } from "../../plugin/values.ts";
import { DirectProvider, type Made } from "../../world/provider/direct-provider.ts";
import { gcpCloud } from "./gcp-cloud.ts";
import type { GcpContext } from "./project.ts";
import { type GcpSeeds, gcpSeeds } from "./seeds.ts";
import { TYPE } from "./types.ts";

export const PROJECT = "acme-platform";
export const REGION = "europe-west3";
export const ZONE = "europe-west3-a";

/** A project in a world of its own, asked for resources without an engine. */
export class TestProject extends DirectProvider<keyof typeof TYPE, GcpContext> {
  constructor(seeds: Partial<GcpSeeds> = {}) {
    const configuration = { project: PROJECT, zone: ZONE };
    // The code of an operation that failed, or the reason at the end of a refusal.
    super(gcpCloud, TYPE, gcpSeeds({ patienceSeconds: 0, ...seeds }), configuration, /(?<=: )[A-Z]+(_[A-Z]+)+(?=: )|(?<=, )\w+$/);
  }
}

/** A network with a subnetwork, and a service account. */
export async function makeNetwork(project: TestProject) {
  const network = await project.make("network", { autoCreateSubnetworks: false }, "net");
  const subnetwork = await project.make("subnetwork", { network: network.id, ipCidrRange: "10.20.0.0/24" }, "net");
  const account = await project.make("serviceAccount", {}, "bastion");
  return { network, subnetwork, account };
}

export type TestNetwork = Awaited<ReturnType<typeof makeNetwork>>;

/** Inputs of an instance in it. */
export function instanceInputs({ subnetwork, account }: TestNetwork, parts: Properties = {}): Properties {
  return {
    machineType: "e2-micro",
    bootDisk: { initializeParams: { image: "debian-cloud/debian-13" } },
    networkInterfaces: [{ subnetwork: subnetwork.id }],
    serviceAccount: { email: account.state.email, scopes: ["cloud-platform"] },
    metadata: { "startup-script": "#!/bin/sh\n" },
    ...parts,
  };
}

/** Inputs of an instance with an external address. */
export function withAddress(subnetwork: Made, natIp: unknown, networkTier?: string): Properties {
  return {
    networkInterfaces: [{ subnetwork: subnetwork.id, accessConfigs: [{ natIp, ...(networkTier === undefined ? {} : { networkTier }) }] }],
  };
}
