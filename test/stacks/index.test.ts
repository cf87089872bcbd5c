import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import program from "../../stacks/index.ts";
import { deploy, settled } from "../support/engine.ts";
import { LOCAL_ENGINE } from "../support/local-engine.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = temporaryFolder();
mkdirSync(join(root, "stacks/customers"), { recursive: true });
mkdirSync(join(root, "dist/stacks"), { recursive: true });
writeFileSync(join(root, "Pulumi.yaml"), "name: reverse-bastion\n");

const customer = (name: string, sshPort: number) => `customer: ${name}
target: local
clientCidrs: [198.51.100.0/24]
consumerCidrs: []
sshPort: ${sshPort}
tunnels: [{ name: flow, bindAddress: loopback }]
clients: [{ name: dr-site, generateKey: ed25519 }]
`;
writeFileSync(join(root, "stacks/customers/acme.yaml"), customer("acme", 2201));
writeFileSync(join(root, "elsewhere.yaml"), customer("acme", 2202));
writeFileSync(join(root, "stacks/customers/bad.yaml"), customer("acme", 22).replace("target: local\n", ""));

/** Runs the program as the engine does: in the folder of its own file. */
function up(stack: string, config: Record<string, string> = {}) {
  vi.spyOn(process, "cwd").mockReturnValue(join(root, "dist/stacks"));
  pulumi.runtime.setAllConfig(config);
  return deploy(program, { ...LOCAL_ENGINE, project: "reverse-bastion", stack });
}

const sshPortOf = ({ result }: Awaited<ReturnType<typeof up>>) => settled(result.sshPort as pulumi.Output<number>);

afterEach(() => {
  vi.restoreAllMocks();
  pulumi.runtime.setAllConfig({});
});

test("the stack is named after the customer's file", async () => {
  const deployed = await up("acme");
  expect(deployed.error).toBeUndefined();
  expect(await sshPortOf(deployed)).toBe(2201);
});

test("another file can be named, and an empty name is none", async () => {
  expect(await sshPortOf(await up("acme", { "reverse-bastion:customerFile": "elsewhere.yaml" }))).toBe(2202);
  expect(await sshPortOf(await up("acme", { "reverse-bastion:customerFile": "" }))).toBe(2201);
});

test("a file that cannot be used is one clear error with every problem, and nothing is created", async () => {
  const { error, registered } = await up("bad");
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect((error as Error).message).toBe(
    `the customer's file cannot be used:
  stacks/customers/bad.yaml:1 target: is missing; allowed is aws, azure, gcp, kubernetes, local, private-link
  stacks/customers/bad.yaml:4 sshPort: got 22; allowed is 1024–32767, usually 2222 (22 is left to the host's own sshd)`,
  );
  expect(registered).toEqual([]);
});

test("a file that is not there is one clear error that says what to do", async () => {
  const { error, registered } = await up("globex");
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect((error as Error).message).toBe(
    "there is no customer's file stacks/customers/globex.yaml; write one (stacks/customers/acme.yaml is an example), or name another with: pulumi config set customerFile FILE",
  );
  expect(registered).toEqual([]);
});
