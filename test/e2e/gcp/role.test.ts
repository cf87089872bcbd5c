import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { ED25519_A } from "../../support/keys.ts";
import { Deployment } from "../support/deployment.ts";
import { GCP, type GcpSite } from "../support/gcp-site.ts";
import { Network } from "../support/network.ts";
import { describeAsRoot } from "../support/root.ts";

const ROLE = resolve(import.meta.dirname, "../../../docs/gcp-role.yaml");

/** In the role by Google's documentation, for calls that the stand-in takes without them or that no change here needs. */
const NOT_SEEN = [
  // instances.insert asks for these beside its own (its reference, "Authorization").
  "compute.disks.use",
  "compute.images.useReadOnly",
  "compute.machineTypes.get",
  "compute.projects.get",
  "resourcemanager.projects.get",
  // An image that is named, not looked up by its family.
  "compute.images.get",
  // A zone or an address that changes, and a host key that is given back.
  "dns.managedZones.get",
  "dns.resourceRecordSets.get",
  "dns.resourceRecordSets.update",
  "iam.serviceAccounts.update",
  "secretmanager.versions.enable",
];

describeAsRoot("what `pulumi up` has to be allowed on GCP", () => {
  let network: Network;
  let site: GcpSite;
  let deployment: Deployment;

  beforeAll(async () => {
    network = await Network.create();
    site = await GCP.records.prepare(network);
    deployment = await Deployment.create(network, everything({}), { env: site.env });
  });

  afterAll(async () => {
    await deployment?.remove();
    await site?.remove();
    await network?.remove();
  });

  function everything(gcp: Partial<NonNullable<CustomerFile["gcp"]>>, parts: Partial<CustomerFile> = {}): CustomerFile {
    return site.customerFile({
      tunnels: [{ name: "orders" }],
      clients: [{ name: "dc1", generateKey: "ed25519" }],
      dns: { zone: "ssh.example.com" },
      ...parts,
      gcp: {
        zone: "europe-west3-a",
        admin: { publicKey: ED25519_A.line, cidrs: ["198.51.100.0/24"] },
        labels: { team: "data" },
        ...gcp,
      },
    });
  }

  test("the role in docs/ allows every call of a bastion's life, and hardly any other", async () => {
    await deployment.up();
    // Each change that is made in place, and one that replaces the machine.
    await deployment.up(
      everything(
        { machineType: "e2-small", labels: { team: "platform", cost: "7" }, firewallNote: "TICKET-1", secureBoot: false },
        { clients: [{ name: "dc2", generateKey: "ed25519" }], consumerCidrs: ["203.0.113.0/24"] },
      ),
    );
    await deployment.up(everything({ imageId: site.image() }));
    await deployment.pulumi("refresh", "--yes", "--stack", "acme");
    await deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
    expect(site.world.read().records).toEqual({});

    const { network: vpc, subnetwork } = await site.addNetworks();
    await deployment.up(everything({ network: vpc, subnetwork, privateOnly: true }));
    await deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");

    const called = [...new Set(site.world.calls().map(({ action }) => action))].sort();
    const { includedPermissions } = parse(readFileSync(ROLE, "utf8")) as { includedPermissions: string[] };
    expect([...includedPermissions].sort()).toEqual([...called, ...NOT_SEEN].sort());
  });
});
