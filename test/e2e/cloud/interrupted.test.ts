import { afterEach, expect, test } from "vitest";
import { AWS_RECORDS, type AwsSite } from "../support/aws-site.ts";
import { Deployment } from "../support/deployment.ts";
import { Network } from "../support/network.ts";
import { describeAsRoot } from "../support/root.ts";

describeAsRoot("an up that is interrupted, and run again", () => {
  const cleanUps: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  /** A stack that has not been deployed yet, in a world without machines. */
  async function prepare(): Promise<{ site: AwsSite; deployment: Deployment }> {
    const network = await Network.create();
    cleanUps.push(() => network.remove());
    const site = await AWS_RECORDS.prepare(network);
    cleanUps.push(() => site.remove());
    const customer = site.customerFile({
      tunnels: [{ name: "orders" }, { name: "billing" }],
      clients: [{ name: "dc1", generateKey: "ed25519" }],
      dns: { zone: "ssh.example.com" },
    });
    const deployment = await Deployment.create(network, customer, { env: site.env });
    cleanUps.push(() => deployment.remove());
    return { site, deployment };
  }

  test("every create fails once: the world in the end is the one of an up without trouble", async () => {
    const calm = await prepare();
    await calm.deployment.up();
    const creates = calm.site.creates();
    expect(creates.length).toBeGreaterThan(12);

    const { site, deployment } = await prepare();
    for (const action of creates) await site.world.addFault({ action, kind: "fail", code: "InternalError", message: "told to fail" });
    let failures = 0;
    while ((await deployment.attempt("up", "--yes", "--skip-preview", "--stack", "acme")).exitCode !== 0) {
      failures += 1;
      if (failures > creates.length) throw new Error("up goes on failing without a reason");
    }
    expect(failures).toBeGreaterThan(3);
    expect(site.census()).toEqual(calm.site.census());
  });

  test("throttling is waited out by one up", async () => {
    const { site, deployment } = await prepare();
    for (const action of ["ssm:PutParameter", "ec2:RunInstances", "iam:CreateRole"])
      await site.world.addFault({ action, kind: "throttle", times: 2 });
    await deployment.up();
    await deployment.pulumi("up", "--yes", "--stack", "acme", "--expect-no-changes");
  });

  test("the engine is killed while the machine is being created: nothing is left over or doubled", async () => {
    const calm = await prepare();
    await calm.deployment.up();

    const { site, deployment } = await prepare();
    await site.world.addFault({ action: "ec2:RunInstances", kind: "slow", seconds: 600 });
    await deployment.killOnceItSays(/acme-instance creating/, "up", "--yes", "--skip-preview", "--stack", "acme");
    await site.world.clearFaults();
    await deployment.pulumi("cancel", "--yes", "--stack", "acme");
    await deployment.up();
    expect(site.census()).toEqual(calm.site.census());
  });
});
