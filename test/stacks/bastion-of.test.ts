import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { deploy as deployAws } from "../../stacks/aws.ts";
import { deploy as deployAzure } from "../../stacks/azure.ts";
import { bastionSpecOf, sameBastion } from "../../stacks/bastion-of.ts";
import type { CustomerFile } from "../../stacks/customer-file.ts";
import { deploy as deployGcp } from "../../stacks/gcp.ts";
import { deploy as deployKubernetes } from "../../stacks/kubernetes.ts";
import { deploy as deployLocal } from "../../stacks/local.ts";
import { AWS_ENGINE } from "../support/aws-engine.ts";
import { AZURE_ENGINE } from "../support/azure-engine.ts";
import { deploy, type EngineOptions } from "../support/engine.ts";
import { GCP_ENGINE } from "../support/gcp-engine.ts";
import { KUBERNETES_ENGINE } from "../support/kubernetes-engine.ts";
import { LOCAL_ENGINE } from "../support/local-engine.ts";

/** A file that could be for any target: only that of its own counts. */
const fileFor = (target: CustomerFile["target"]): CustomerFile => ({
  customer: "acme",
  target,
  aws: { region: "eu-central-1" },
  azure: { location: "westeurope" },
  gcp: { zone: "europe-west3-a" },
  kubernetes: { namespace: "bastions", image: "bastion", allowUnpinnedImage: true, exposure: { kind: "none" } },
  local: { host: "bastion.example.com" },
  ...SPEC,
  privateEndpoints: [{ name: "orders", service: "x", location: "westeurope" }],
  privateLinkServices: [{ name: "db", location: "westeurope", ports: [{ name: "pg", port: 5432 }], frontendSubnetId: "x" }],
});

const SPEC = {
  clientCidrs: ["198.51.100.0/24"],
  consumerCidrs: ["10.20.0.0/16"],
  sshPort: 2200,
  tunnels: [{ name: "flow", bindPort: 8080 }],
  clients: [{ name: "dr-site", generateKey: "ed25519" as const }],
};

const PROGRAMS: Record<CustomerFile["target"], { readonly run: (file: CustomerFile) => unknown; readonly engine: EngineOptions }> = {
  aws: { run: deployAws, engine: AWS_ENGINE },
  azure: { run: deployAzure, engine: AZURE_ENGINE },
  gcp: { run: deployGcp, engine: GCP_ENGINE },
  kubernetes: { run: deployKubernetes, engine: KUBERNETES_ENGINE },
  local: { run: deployLocal, engine: LOCAL_ENGINE },
};
const TARGETS = Object.keys(PROGRAMS) as CustomerFile["target"][];

/** The part of a request that tells under which other types a resource was known. */
interface AliasedRequest {
  getParent(): string;
  getType(): string;
  getAliasesList(): { getSpec(): { getType(): string } | undefined }[];
}

/** The type of a customer's bastion, and those that it may have had before. */
async function typesOn(target: CustomerFile["target"]): Promise<{ type: string | undefined; aliases: (string | undefined)[] }> {
  const bastions: AliasedRequest[] = [];
  const { run, engine } = PROGRAMS[target];
  const { error } = await deploy(() => {
    const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource(request: AliasedRequest, callback: unknown): unknown };
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
      if (request.getType().startsWith("reverse-bastion:") && request.getParent() === "") bastions.push(request);
      return register(request, callback);
    };
    return run(fileFor(target));
  }, engine);
  expect([error, bastions.length]).toEqual([undefined, 1]);
  return { type: bastions[0]?.getType(), aliases: bastions[0]?.getAliasesList().map((alias) => alias.getSpec()?.getType()) ?? [] };
}

test("on every target, a bastion is the same as on all the others", async () => {
  const found: Record<string, Awaited<ReturnType<typeof typesOn>>> = {};
  // One after another: they share one engine.
  for (const target of TARGETS) found[target] = await typesOn(target);
  const types = TARGETS.map((target) => found[target]?.type);
  expect(new Set(types).size).toBe(TARGETS.length);
  for (const target of TARGETS) expect(found[target]?.aliases, target).toEqual(types.filter((type) => type !== found[target]?.type));
});

test("only the type differs: the name, the project and the stack of an alias are the bastion's own", () => {
  expect(sameBastion(fileFor("local"))).toEqual({
    aliases: [
      { type: "reverse-bastion:aws:AwsBastion" },
      { type: "reverse-bastion:azure:AzureBastion" },
      { type: "reverse-bastion:gcp:GcpBastion" },
      { type: "reverse-bastion:kubernetes:KubernetesBastion" },
    ],
  });
});

test.each(TARGETS)("what is the bastion's is the same on %s: no target's settings, and nothing of Private Link", (target) => {
  expect(bastionSpecOf(fileFor(target))).toEqual(SPEC);
  const dns = { zone: "ssh.example.com" };
  expect(bastionSpecOf({ ...fileFor(target), dns })).toEqual({ ...SPEC, dns });
});
