import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
const root = temporaryFolder();

const BASTION = `clientCidrs: [198.51.100.0/24]
consumerCidrs: []
tunnels: [{ name: flow, bindAddress: loopback }]
clients: [{ name: dr-site, generateKey: ed25519 }]
azure: { location: westeurope }
gcp: { zone: europe-west3-a }
kubernetes: { namespace: bastions, image: bastion, allowUnpinnedImage: true, exposure: { kind: none } }
`;
const ALIAS = "orders.0a1b2c3d-0000-4444-8888-abcdefabcdef.northeurope.azure.privatelinkservice";
const PRIVATE_LINK = `privateEndpoints: [{ name: orders, location: westeurope, service: ${ALIAS} }]\n`;

/** The packages of Pulumi that a process has loaded once it has begun to deploy a customer's file. */
function packagesLoadedFor(target: string, rest = BASTION): string[] {
  mkdirSync(join(root, "stacks/customers"), { recursive: true });
  writeFileSync(join(root, "Pulumi.yaml"), "name: reverse-bastion\n");
  writeFileSync(join(root, `stacks/customers/${target}.yaml`), `customer: acme\ntarget: ${target}\n${rest}`);
  const script = join(root, "deploy.mjs");
  const moduleOf = (path: string) => JSON.stringify(pathToFileURL(join(REPOSITORY, path)).href);
  writeFileSync(
    script,
    `import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import pulumi from ${moduleOf("node_modules/@pulumi/pulumi/index.js")};
await pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs }, "p", ${JSON.stringify(target)});
const { deployCustomer } = await import(${moduleOf("stacks/program.ts")});
await deployCustomer();
const loaded = Object.keys(createRequire(import.meta.url).cache).flatMap((file) => /node_modules\\/(@pulumi\\/[^/]+)/.exec(file)?.[1] ?? []);
writeSync(1, JSON.stringify([...new Set(loaded)].sort()));
process.exit(0);
`,
  );
  // Ended in the middle of a deployment, Pulumi complains; that is not what this is about.
  const { stdout, stderr } = spawnSync(process.execPath, [script], { cwd: root, encoding: "utf8", timeout: 30_000 });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}

test("a stack loads the SDK of its own cloud, and no other", () => {
  expect(packagesLoadedFor("local")).toEqual(["@pulumi/pulumi"]);
  expect(packagesLoadedFor("aws")).toEqual(["@pulumi/aws", "@pulumi/pulumi"]);
  expect(packagesLoadedFor("azure")).toEqual(["@pulumi/azure-native", "@pulumi/pulumi"]);
  expect(packagesLoadedFor("gcp")).toEqual(["@pulumi/gcp", "@pulumi/pulumi"]);
  expect(packagesLoadedFor("kubernetes")).toEqual(["@pulumi/kubernetes", "@pulumi/pulumi"]);
});

test("Azure Private Link loads the SDK of Azure, beside a bastion or without one, and an empty list loads nothing", () => {
  expect(packagesLoadedFor("private-link", PRIVATE_LINK)).toEqual(["@pulumi/azure-native", "@pulumi/pulumi"]);
  expect(packagesLoadedFor("local", `${BASTION}${PRIVATE_LINK}`)).toEqual(["@pulumi/azure-native", "@pulumi/pulumi"]);
  expect(packagesLoadedFor("local", `${BASTION}privateEndpoints: []\n`)).toEqual(["@pulumi/pulumi"]);
});
