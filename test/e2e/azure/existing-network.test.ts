import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { addExistingNetwork, type ExistingNetwork } from "../../cloud/azure/control-plane/existing-network.ts";
import { TYPE } from "../../cloud/azure/control-plane/types.ts";
import { objects } from "../../cloud/world/records.ts";
import type { WorldRecord } from "../../cloud/world/world.ts";
import { ED25519_A } from "../../support/keys.ts";
import { AZURE, type AzureSite } from "../support/azure-site.ts";
import { RecordStack } from "../support/record-stack.ts";
import { describeAsRoot } from "../support/root.ts";

/** A resource group that stays, so that whatever a destroy forgets is left in it. */
const RESOURCE_GROUP = "platform";
const NETWORK: ExistingNetwork = {
  name: "shared",
  addressPrefix: "10.20.0.0/16",
  subnets: { bastions: "10.20.1.0/24" },
  serviceEndpoints: ["Microsoft.KeyVault"],
  resourceGroup: RESOURCE_GROUP,
};

describeAsRoot("a bastion in a network of Azure that is there already", () => {
  let stack: RecordStack<AzureSite>;
  let virtualNetworkId: string;
  let subnetId: string;

  beforeAll(async () => {
    stack = await RecordStack.create(AZURE, {});
    ({
      id: virtualNetworkId,
      subnetIds: { bastions: subnetId = "" },
    } = await stack.site.world.change((state) => addExistingNetwork(state, NETWORK)));
  });

  afterAll(async () => stack?.remove());

  const file = (azure: Omit<NonNullable<CustomerFile["azure"]>, "location">) =>
    stack.site.customerFile({ azure: { location: "westeurope", resourceGroup: RESOURCE_GROUP, ...azure } });
  const records = () => stack.site.world.read().records;
  /** The one record of a type whose id is not among these. */
  const only = (type: string, ...but: readonly string[]): [id: string, record: WorldRecord] => {
    const [found, ...others] = Object.entries(records()[type] ?? {}).filter(([id]) => !but.includes(id));
    if (found === undefined || others.length > 0) throw new Error(`expected one ${type}, found ${others.length + (found ? 1 : 0)}`);
    return found;
  };
  const servicesOf = (subnet: WorldRecord) => objects(subnet, "serviceEndpoints").map(({ service }) => service);
  const destroy = () => stack.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");

  test("a subnet that lacks a service endpoint is left as it is, and the preview says by which command its owner adds it", async () => {
    const before = records();
    stack.deployment.describe(file({ subnetId, serviceEndpoints: ["Microsoft.Sql"] }));
    const { exitCode, stdout, stderr } = await stack.deployment.attempt("up", "--yes", "--stack", "acme");
    expect(exitCode).not.toBe(0);
    expect((stdout + stderr).replaceAll(/\s+/g, " ")).toContain(
      "serviceEndpoints: the subnet lacks Microsoft.Sql; have its owner add what is missing: " +
        `az network vnet subnet update --ids ${subnetId} --service-endpoints Microsoft.KeyVault Microsoft.Sql`,
    );
    expect(records()).toEqual(before);
    expect(stack.site.world.calls().map(({ action }) => action)).toEqual(["Microsoft.Network/virtualNetworks/subnets/read"]);
  });

  test("once its owner has added it, the bastion stands in that subnet, and makes no other", async () => {
    await stack.site.world.alter(TYPE.subnet, subnetId, {
      serviceEndpoints: ["Microsoft.KeyVault", "Microsoft.Sql"].map((service) => ({ service, locations: ["*"] })),
    });
    const before = records();
    await stack.deployment.up(file({ subnetId, serviceEndpoints: ["Microsoft.Sql"] }));
    const [, networkInterface] = only(TYPE.networkInterface);
    expect(objects(networkInterface, "ipConfigurations")).toMatchObject([{ subnet: { id: subnetId }, privateIPAddress: "10.20.1.4" }]);
    expect(Object.keys(records()[TYPE.subnet] ?? {})).toEqual([subnetId]);
    expect(Object.keys(records()[TYPE.virtualNetwork] ?? {})).toEqual([virtualNetworkId]);
    await destroy();
    expect(records()).toEqual(before);
  });

  test("in a virtual network, it makes a subnet of its own, whose service endpoints change in place", async () => {
    const before = records();
    const place = { virtualNetworkId, networkCidr: "10.20.2.0/28" };
    await stack.deployment.up(file({ ...place, serviceEndpoints: ["Microsoft.Sql"] }));
    const [ownSubnetId, ownSubnet] = only(TYPE.subnet, subnetId);
    expect(ownSubnetId.startsWith(`${virtualNetworkId}/subnets/acme-subnet`)).toBe(true);
    expect(ownSubnet.addressPrefix).toBe("10.20.2.0/28");
    expect(servicesOf(ownSubnet)).toEqual(["Microsoft.KeyVault", "Microsoft.Sql"]);
    expect(Object.keys(records()[TYPE.virtualNetwork] ?? {})).toEqual([virtualNetworkId]);

    // Another machine, and neither another address nor another subnet.
    const [publicIpId, { ipAddress }] = only(TYPE.publicIPAddress);
    const [interfaceId, networkInterface] = only(TYPE.networkInterface);
    const [diskId] = only(TYPE.disk);
    const [, { vmId }] = stack.site.machine;
    const outputs = await stack.deployment.outputs();
    const imageVersion = stack.site.withAnotherImage().azure?.imageVersion;
    const outputsAfter = await stack.deployment.up(
      file({ ...place, serviceEndpoints: ["Microsoft.Storage", "Microsoft.Sql"], imageVersion }),
    );
    expect(stack.site.machine[1].vmId).not.toBe(vmId);
    expect(only(TYPE.disk)[0]).not.toBe(diskId);
    expect(outputsAfter).toEqual(outputs);
    expect(only(TYPE.publicIPAddress)).toMatchObject([publicIpId, { ipAddress }]);
    const [configuration] = objects(networkInterface, "ipConfigurations");
    expect(only(TYPE.networkInterface)).toMatchObject([
      interfaceId,
      { ipConfigurations: [{ privateIPAddress: configuration?.privateIPAddress, subnet: { id: ownSubnetId } }] },
    ]);
    expect(servicesOf(only(TYPE.subnet, subnetId)[1])).toEqual(["Microsoft.KeyVault", "Microsoft.Sql", "Microsoft.Storage"]);

    await destroy();
    expect(records()).toEqual(before);
  });

  test("an admin is another custom data: announced as another machine, which has the address of the former", async () => {
    const before = records();
    await stack.deployment.up(file({ subnetId }));
    const [address] = only(TYPE.publicIPAddress);
    const outputs = await stack.deployment.outputs();
    const [, former] = stack.site.machine;
    const withAdmin = file({ subnetId, admin: { publicKey: ED25519_A.line, cidrs: ["192.0.2.0/24"] } });
    stack.deployment.describe(withAdmin);
    const preview = await stack.deployment.pulumi("preview", "--stack", "acme", "--diff");
    expect(preview.stdout).toMatch(/1 to replace/);
    expect(preview.stdout).toMatch(/VirtualMachine: \((?:delete-replaced|replace)/);

    expect(await stack.deployment.up(withAdmin)).toEqual(outputs);
    const [, machine] = stack.site.machine;
    expect(machine.vmId).not.toBe(former.vmId);
    expect(machine.osProfile).not.toEqual(former.osProfile);
    expect(only(TYPE.publicIPAddress)[0]).toBe(address);
    await destroy();
    expect(records()).toEqual(before);
  });
});
