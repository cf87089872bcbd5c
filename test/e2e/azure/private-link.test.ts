import { afterAll, beforeAll, expect, test } from "vitest";
import { approveConnection } from "../../cloud/azure/control-plane/private-link-service-connections.ts";
import { type FabricProgram, PrivateLinkFabric } from "../support/private-link-fabric.ts";
import { PrivateLinkScene } from "../support/private-link-scene.ts";
import { describeAsRoot } from "../support/root.ts";
import { waitUntil } from "../support/wait.ts";

const PORT = "5432";
const WAIT_MINUTES = 720;

describeAsRoot("an Azure Private Link, from the platform's consumer to the customer's database", () => {
  let scene: PrivateLinkScene;
  let fabric: PrivateLinkFabric;
  let customer: Record<string, string>;
  let database: FabricProgram;

  beforeAll(async () => {
    scene = await PrivateLinkScene.create();
    customer = await scene.customer.outputs();
    fabric = await PrivateLinkFabric.start(scene.world);
  });

  afterAll(async () => {
    await fabric?.stop();
    scene?.remove();
  });

  const of = (outputs: Record<string, string>, name: string) => String(outputs[name]);
  const options = () => ({ service: of(customer, "alias"), waitMinutes: WAIT_MINUTES });
  const startDatabase = () => fabric.start(of(customer, "databaseId"), "private-link-postgres.ts", of(customer, "databaseIp"), PORT);
  const ask = ({ consumerId, consumerIp, privateIp }: Record<string, string>, sql: string) =>
    fabric.run(String(consumerId), "programs/query.ts", String(consumerIp), String(privateIp), PORT, sql);

  test("the customer's probe says that nobody listens, and then that somebody does", async () => {
    expect(await fabric.waitForBackends(of(customer, "ruleId"), 0)).toMatchObject({
      down: 1,
      loadBalancerBackendAddresses: [{ ipAddress: customer.databaseIp, state: "Down" }],
    });
    database = await startDatabase();
    await fabric.waitForBackends(of(customer, "ruleId"), 1);
  });

  test("up waits until the customer approves, says so, and ends with a private address that leads to the database", async () => {
    const up = scene.platform.up(options());
    const endpointId = await scene.waitForRequest(up);
    await scene.waitForPolls(up, 3);
    await approveConnection(scene.world, of(customer, "serviceId"), endpointId, "ticket 7");
    const { exitCode, printed } = await up;
    expect(printed).toContain(`acme waits for the owner of ${customer.alias} to approve the connection; 720 minutes left.`);
    expect(printed).toContain(`where its message is "Reverse SSH bastion private-link/platform/acme"`);
    expect(printed).toContain("az network private-endpoint-connection approve");
    expect(exitCode, printed).toBe(0);

    const outputs = await scene.platform.outputs();
    expect(outputs).toMatchObject({ connectionStatus: "Approved", endpointId, privateIp: expect.stringMatching(/^10\.255\.1\.\d+$/) });
    expect(outputs.host).toBe(outputs.privateIp);
    const rows = await waitUntil("rows", async () => {
      const printedRows = await ask(outputs, "select customer, total::text from orders order by id");
      return printedRows.startsWith("[") && (JSON.parse(printedRows) as unknown);
    });
    expect(rows).toEqual([
      { customer: "Ada", total: "120.50" },
      { customer: "Grace", total: "80.00" },
      { customer: "Edsger", total: "42.00" },
    ]);
  });

  test("a second up changes nothing on either side, nor does one after a refresh", async () => {
    const { printed } = await scene.platform.up(options());
    expect(printed).toMatch(/Resources:\s+\d+ unchanged/);
    expect(printed).not.toContain("waits for");
    for (const side of [scene.customer, scene.platform]) {
      await side.done("refresh", "--yes", "--skip-preview");
      expect(await side.done("up", "--yes", "--skip-preview")).toMatch(/Resources:\s+\d+ unchanged/);
    }
  });

  test("a database that stops is seen to be down, and gets no more connections; it comes back by itself", async () => {
    await database.stop();
    const health = await fabric.waitForBackends(of(customer, "ruleId"), 0);
    expect(health.loadBalancerBackendAddresses).toMatchObject([{ ipAddress: customer.databaseIp, state: "Down" }]);
    expect(customer.healthCommand).toContain("--metrics DipAvailability");
    database = await startDatabase();
    await fabric.waitForBackends(of(customer, "ruleId"), 1);
    const outputs = await scene.platform.outputs();
    await waitUntil("a row", async () => (await ask(outputs, "select 1 as one")) === '[{"one":1}]');
  });

  test("the customer's service cannot be destroyed while somebody is connected; destroyed in order, nothing is left", async () => {
    const refused = await scene.customer.run({}, "destroy", "--yes", "--skip-preview");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.printed).toContain("cannot be deleted since it has 1 private endpoint connection.");
    await scene.platform.done("destroy", "--yes", "--skip-preview");
    await scene.customer.done("destroy", "--yes", "--skip-preview");
    expect(scene.world.read().records).toEqual({});
  });
});
