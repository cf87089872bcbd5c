import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { Deployment } from "../support/deployment.ts";
import { GCP, type GcpSite } from "../support/gcp-site.ts";
import { Network } from "../support/network.ts";
import { describeAsRoot } from "../support/root.ts";

const zone = "europe-west3-a";

describeAsRoot("bad input on GCP fails before anything is created, with the remedy", () => {
  let network: Network;
  let site: GcpSite;
  let deployment: Deployment;

  beforeAll(async () => {
    network = await Network.create();
    site = await GCP.records.prepare(network);
    deployment = await Deployment.create(network, site.customerFile({}), { env: site.env });
  });

  afterAll(async () => {
    await deployment?.remove();
    await site?.remove();
    await network?.remove();
  });

  const cases: readonly [string, CustomerFile["gcp"], string][] = [
    ["a subnetwork without its network", { zone, subnetwork: "shared" }, "gcp.network: is missing"],
    ["a region for a zone", { zone: "europe-west3" }, "gcp.zone: got"],
    ["a label with a capital", { zone, labels: { Team: "data" } }, "gcp.labels.Team: "],
    ["an admin without a key and without OS Login", { zone, admin: { cidrs: ["198.51.100.0/24"] } }, "gcp.admin.publicKey: is missing"],
    ["secure boot on ARM", { zone, machineType: "t2a-standard-1", secureBoot: true }, "gcp.secureBoot: "],
  ];

  test.each(cases)("%s", async (_what, gcp, message) => {
    deployment.describe(site.customerFile({ gcp }));
    const { exitCode, stdout, stderr } = await deployment.attempt("up", "--yes", "--skip-preview", "--stack", "acme");
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toContain(message);
    expect(site.world.read().records).toEqual({});
  });
});
