import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { ED25519_A } from "../../support/keys.ts";
import { GCP, type GcpSite } from "../support/gcp-site.ts";
import { RecordStack } from "../support/record-stack.ts";
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
  let stack: RecordStack<GcpSite>;

  beforeAll(async () => {
    stack = await RecordStack.create(GCP, everything({}));
  });

  afterAll(async () => stack?.remove());

  function everything(gcp: Partial<NonNullable<CustomerFile["gcp"]>>, parts: Partial<CustomerFile> = {}): Partial<CustomerFile> {
    return {
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
    };
  }

  const file = (...described: Parameters<typeof everything>) => stack.site.customerFile(everything(...described));

  test("the role in docs/ allows every call of a bastion's life, and hardly any other", async () => {
    await stack.deployment.up();
    // Each change that is made in place, and one that replaces the machine.
    await stack.deployment.up(
      file(
        { machineType: "e2-small", labels: { team: "platform", cost: "7" }, firewallNote: "TICKET-1", secureBoot: false },
        { clients: [{ name: "dc2", generateKey: "ed25519" }], consumerCidrs: ["203.0.113.0/24"] },
      ),
    );
    await stack.deployment.up(file({ imageId: stack.site.image() }));
    await stack.deployment.pulumi("refresh", "--yes", "--stack", "acme");
    await stack.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
    expect(stack.site.world.read().records).toEqual({});

    const { network: vpc, subnetwork } = await stack.site.addNetworks();
    await stack.deployment.up(file({ network: vpc, subnetwork, privateOnly: true }));
    await stack.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");

    const called = [...new Set(stack.site.world.calls().map(({ action }) => action))].sort();
    const { includedPermissions } = parse(readFileSync(ROLE, "utf8")) as { includedPermissions: string[] };
    expect([...includedPermissions].sort()).toEqual([...called, ...NOT_SEEN].sort());
  });
});
