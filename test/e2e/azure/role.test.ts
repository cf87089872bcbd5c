import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import type { PrivateLinkOutputs } from "../../../stacks/private-link.ts";
import { addExistingNetwork } from "../../cloud/azure/control-plane/existing-network.ts";
import { azureSeeds, type Image } from "../../cloud/azure/control-plane/seeds.ts";
import { ED25519_A } from "../../support/keys.ts";
import { type AzureSite, azureOf } from "../support/azure-site.ts";
import { RecordStack } from "../support/record-stack.ts";
import { describeAsRoot } from "../support/root.ts";

const ROLE = resolve(import.meta.dirname, "../../../docs/azure-role.json");

interface Role {
  readonly Actions: readonly string[];
  readonly NotActions: readonly string[];
}

/** In the role by Microsoft's documentation, for calls that the stand-in takes without them or does not know. */
const NOT_SEEN = [
  // The machine's disk, which Compute makes and removes beside it.
  "Microsoft.Compute/disks/delete",
  "Microsoft.Compute/disks/read",
  // An image of one's own that is in no gallery.
  "Microsoft.Compute/images/read",
  // Whether what was begun is done.
  "Microsoft.Compute/locations/operations/read",
  "Microsoft.Network/locations/operations/read",
  // The alert that a Private Link Service can have: whom it tells is looked at.
  "Microsoft.Insights/actionGroups/read",
  "Microsoft.Insights/metricAlerts/delete",
  "Microsoft.Insights/metricAlerts/read",
  "Microsoft.Insights/metricAlerts/write",
];

const location = "westeurope";
const { subscriptionId, images } = azureSeeds().azure;
const providers = `/subscriptions/${subscriptionId}/resourceGroups/platform/providers`;
const imageId = `${providers}/Microsoft.Compute/galleries/images/images/hardened/versions/1.0.0`;
const ownImage = { ...(images.find(({ sku }) => sku === "13-gen2") as Image), id: imageId };

describeAsRoot("what `pulumi up` has to be allowed on Azure", () => {
  let stack: RecordStack<AzureSite>;

  beforeAll(async () => {
    stack = await RecordStack.create(azureOf({ images: [...images, ownImage] }), {});
  });

  afterAll(async () => stack?.remove());

  const file = (azure: Omit<NonNullable<CustomerFile["azure"]>, "location">, parts: Partial<CustomerFile> = {}) =>
    stack.site.customerFile({
      dns: { zone: "ssh.example.com" },
      ...parts,
      azure: { location, admin: { publicKey: ED25519_A.line, cidrs: ["198.51.100.0/24"] }, tags: { team: "data" }, ...azure },
    });
  const destroy = () => stack.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
  /** The actions that were called for since there were so many calls. */
  const actionsSince = (count: number) =>
    [...new Set(stack.site.world.calls().flatMap(({ action }, i) => (i < count ? [] : [action])))].sort();

  test("the role in docs/ allows every call of a bastion's and a private link's life, and hardly any other", async () => {
    const { id: virtualNetworkId, subnetIds } = await stack.site.world.change((state) =>
      addExistingNetwork(state, { name: "shared", addressPrefix: "10.20.0.0/16", subnets: { shared: "10.20.1.0/24" } }),
    );
    const subnetId = subnetIds.shared as string;
    const before = stack.site.world.read().records;
    const service = {
      name: "orders",
      location,
      frontendSubnetId: subnetId,
      virtualNetworkId,
      natNetworkCidr: "10.20.250.0/28",
      ports: [{ name: "postgres", port: 5432 }],
    };

    const outputs = (await stack.deployment.up(file({}, { privateLinkServices: [service] }))) as unknown as PrivateLinkOutputs;
    // Each change that is made in place, and the other end of the link.
    await stack.deployment.up(
      file(
        {
          vmSize: "Standard_B2als_v2",
          tags: { team: "platform", cost: "7" },
          firewallNote: "TICKET-1",
          serviceEndpoints: ["Microsoft.Sql"],
        },
        {
          clients: [{ name: "dc2", generateKey: "ed25519" }],
          consumerCidrs: ["203.0.113.0/24"],
          privateLinkServices: [{ ...service, tags: { team: "platform" } }],
          privateEndpoints: [
            { name: "orders", location, service: String(outputs.privateLinkServices.orders?.serviceId), autoApproval: true },
          ],
        },
      ),
    );
    // Another machine.
    const diskEncryptionSetId = `${providers}/Microsoft.Compute/diskEncryptionSets/bastions`;
    await stack.deployment.up(file({ imageId, diskEncryptionSetId }, { privateLinkServices: [service] }));
    await stack.deployment.pulumi("refresh", "--yes", "--stack", "acme");
    await destroy();
    expect(stack.site.world.read().records).toEqual(before);

    // In what is there already, nothing of it has to be made, changed or removed.
    const count = stack.site.world.calls().length;
    await stack.deployment.up(
      file({ resourceGroup: "platform", subnetId, privateOnly: true }, { dns: { zone: "ssh.internal.example.com" } }),
    );
    await destroy();
    expect(stack.site.world.read().records).toEqual(before);
    expect(actionsSince(count).filter((action) => /resourceGroups|virtualNetworks|publicIPAddresses|dnszones/.test(action))).toEqual([
      "Microsoft.Network/virtualNetworks/subnets/join/action",
    ]);

    const { Actions, NotActions } = JSON.parse(readFileSync(ROLE, "utf8")) as Role;
    expect([...Actions].sort()).toEqual([...actionsSince(0), ...NOT_SEEN].sort());
    expect(NotActions).toEqual([]);
  });
});
