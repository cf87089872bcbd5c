import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { RecordStack } from "../support/record-stack.ts";
import { describeRecordsOfEveryCloud } from "../support/sites.ts";

describeRecordsOfEveryCloud("an up that is interrupted, and run again", (cloud) => {
  const stacks: RecordStack[] = [];
  let creates: readonly string[];
  let calmCensus: Record<string, string[]>;

  beforeAll(async () => {
    const { site, deployment } = await prepare();
    await deployment.up();
    creates = site.creates();
    calmCensus = site.census();
    await cleanUp();
  });

  afterEach(cleanUp);
  afterAll(cleanUp);

  async function cleanUp(): Promise<void> {
    for (const stack of stacks.splice(0)) await stack.remove();
  }

  /** A stack that has not been deployed yet. */
  async function prepare(): Promise<RecordStack> {
    const stack = await RecordStack.create(cloud, {
      tunnels: [{ name: "orders" }, { name: "billing" }],
      clients: [{ name: "dc1", generateKey: "ed25519" }],
      dns: { zone: "ssh.example.com" },
    });
    stacks.push(stack);
    return stack;
  }

  test("every create fails once: the world in the end is the one of an up without trouble", async () => {
    expect(creates.length).toBeGreaterThan(6);
    const { site, deployment } = await prepare();
    for (const action of creates) await site.world.addFault({ action, kind: "fail", code: "InternalError", message: "told to fail" });
    let failures = 0;
    while ((await deployment.attempt("up", "--yes", "--skip-preview", "--stack", "acme")).exitCode !== 0) {
      failures += 1;
      if (failures > creates.length) throw new Error("up goes on failing without a reason");
    }
    expect(failures).toBeGreaterThan(3);
    expect(site.census()).toEqual(calmCensus);
  });

  test("throttling is waited out by one up", async () => {
    const { site, deployment } = await prepare();
    for (const action of creates) await site.world.addFault({ action, kind: "throttle", times: 2 });
    await deployment.up();
    await deployment.pulumi("up", "--yes", "--stack", "acme", "--expect-no-changes");
  });

  test("the engine is killed while the machine is being created: nothing is left over or doubled", async () => {
    const { site, deployment } = await prepare();
    await site.world.addFault({ action: site.machineCreate, kind: "slow", seconds: 600 });
    await deployment.killOnceItSays(new RegExp(`${site.machineName} creating`), "up", "--yes", "--skip-preview", "--stack", "acme");
    await site.world.clearFaults();
    await deployment.pulumi("cancel", "--yes", "--stack", "acme");
    await deployment.up();
    expect(site.census()).toEqual(calmCensus);
  });
});
