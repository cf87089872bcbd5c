import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { GCP, type GcpSite } from "../support/gcp-site.ts";
import { RecordStack } from "../support/record-stack.ts";
import { describeAsRoot } from "../support/root.ts";

const zone = "europe-west3-a";

describeAsRoot("bad input on GCP fails before anything is created, with the remedy", () => {
  let stack: RecordStack<GcpSite>;

  beforeAll(async () => {
    stack = await RecordStack.create(GCP, {});
  });

  afterAll(async () => stack?.remove());

  const cases: readonly [string, CustomerFile["gcp"], string][] = [
    ["a subnetwork without its network", { zone, subnetwork: "shared" }, "gcp.network: is missing"],
    ["a region for a zone", { zone: "europe-west3" }, "gcp.zone: got"],
    ["a label with a capital", { zone, labels: { Team: "data" } }, "gcp.labels.Team: "],
    ["an admin without a key and without OS Login", { zone, admin: { cidrs: ["198.51.100.0/24"] } }, "gcp.admin.publicKey: is missing"],
    ["secure boot on ARM", { zone, machineType: "t2a-standard-1", secureBoot: true }, "gcp.secureBoot: "],
  ];

  test.each(cases)("%s", async (_what, gcp, message) => {
    stack.deployment.describe(stack.site.customerFile({ gcp }));
    const { exitCode, stdout, stderr } = await stack.deployment.attempt("up", "--yes", "--skip-preview", "--stack", "acme");
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toContain(message);
    expect(stack.site.world.read().records).toEqual({});
  });
});
