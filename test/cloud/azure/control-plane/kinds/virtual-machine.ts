import { askMachineHost, type MachineRequest } from "../../../world/machine-host.ts";
import { type Api, ApiError } from "../../../world/provider/api.ts";
import { object, objects, recordsOf, text, texts } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { findById, isSameId, referenceIn } from "../arm-id.ts";
import type { ArmResource, PutRequest } from "../arm-resource.ts";
import { imageOf } from "../images.ts";
import { refuseChange } from "../immutable-machine.ts";
import { refuseAbsentReference } from "../names.ts";
import { leaveOsDisk, makeOsDisk } from "../os-disk.ts";
import { refuseData, refuseOsProfile } from "../os-profile.ts";
import { seedsOf } from "../seeds.ts";
import { etagOf, isSameLocation, newGuid, refuseZones } from "../subscription.ts";
import { TYPE } from "../types.ts";
import { refuseOtherImage, refuseSize } from "../vm-size.ts";
import { VIRTUAL_MACHINE_OUTPUTS, virtualMachineProperties } from "./virtual-machine-properties.ts";

const ARM_TYPE = "Microsoft.Compute/virtualMachines";
const NAME = /^[^_\W][\w.-]{0,62}[\w]$|^[^_\W]$/;

/** A machine. Where the world has a machine host, a real one stands behind it. */
export const virtualMachine: ArmResource = {
  token: TYPE.virtualMachine,
  type: ARM_TYPE,
  apiVersion: "2024-11-01",
  names: ["vmName"],
  path: ({ vmName }) => `/providers/${ARM_TYPE}/${String(vmName)}`,
  location: "replaces",
  hasTags: true,
  properties: virtualMachineProperties,
  outputs: VIRTUAL_MACHINE_OUTPUTS,
  writeOnly: ["osProfile.customData", "osProfile.adminPassword", "userData"],

  linked(inputs) {
    const { identity, storageProfile } = inputs as WorldRecord;
    const imageId = text(object(storageProfile as WorldRecord, "imageReference"), "id");
    const imageKind = imageId?.includes("/galleries/") === true ? "galleries/images/versions" : "images";
    const encryption = object(object(object(storageProfile as WorldRecord, "osDisk"), "managedDisk"), "diskEncryptionSet");
    return [
      "Microsoft.Network/networkInterfaces/join/action",
      "Microsoft.Compute/disks/write",
      ...(identity === undefined ? [] : ["Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"]),
      ...(imageId === undefined ? [] : [`Microsoft.Compute/${imageKind}/read`]),
      ...(encryption === undefined ? [] : ["Microsoft.Compute/diskEncryptionSets/read"]),
    ];
  },

  put(state, request) {
    const { id, name, body, former } = request;
    refuseName(name);
    refuseData("UserData", body.userData);
    refuseZones(body.zones, ARM_TYPE, name, body.location);
    const vmSize = object(body, "hardwareProfile")?.vmSize;
    refuseSize(vmSize, body.location, seedsOf(state).unavailableSizes);
    if (former !== undefined) refuseChange(former, body, name);
    else refuseOsProfile(object(body, "osProfile"), name);
    const image = imageOf(state, object(object(body, "storageProfile"), "imageReference") ?? {});
    refuseOtherImage(String(vmSize), image, object(body, "securityProfile")?.securityType === "TrustedLaunch");
    refuseNetwork(state, request);
    const identity = identityOf(state, id, object(body, "identity"));
    const kept = former === undefined ? {} : { osProfile: { ...object(former, "osProfile"), ...object(body, "osProfile") } };
    return {
      ...body,
      ...kept,
      ...(identity === undefined ? {} : { identity }),
      etag: etagOf(body),
      provisioningState: former === undefined ? "Creating" : "Succeeded",
      resources: [],
      storageProfile: {
        dataDisks: [],
        imageReference: { ...object(object(body, "storageProfile"), "imageReference"), exactVersion: image.version },
        osDisk: former === undefined ? makeOsDisk(state, request, image) : changedDisk(former, body),
      },
      timeCreated: former?.timeCreated ?? new Date().toISOString(),
      // A PUT without data of the user's leaves what is there.
      ...(body.userData === undefined && former?.userData !== undefined ? { userData: former.userData } : {}),
      vmId: former?.vmId ?? newGuid(),
    };
  },

  async afterPut(api, former) {
    if (former === undefined) return start(api);
    const record = api.world.find(TYPE.virtualMachine, api.id ?? "");
    if (object(former, "hardwareProfile")?.vmSize === object(record, "hardwareProfile")?.vmSize) return;
    await ask(api, "stop");
    await start(api);
  },

  async beforeRemoval(api) {
    await ask(api, "terminate");
  },

  removed(state, _id, record) {
    leaveOsDisk(state, object(object(record, "storageProfile"), "osDisk"));
    for (const one of objects(object(record, "networkProfile"), "networkInterfaces")) {
      const found = findById(state, TYPE.networkInterface, one.id);
      if (found !== undefined && one.deleteOption === "Delete") delete state.records[TYPE.networkInterface]?.[found[0]];
    }
  },
};

function refuseName(name: string): void {
  if (!NAME.test(name))
    throw new ApiError(
      "InvalidParameter",
      "The entity name 'vmName' is invalid according to its validation rule: ^[^_\\W][\\w\\-._]{0,79}(?<![-.])$.",
    );
}

function refuseNetwork(state: WorldState, { id, body }: PutRequest): void {
  const references = objects(object(body, "networkProfile"), "networkInterfaces");
  if (references.length === 0) throw new ApiError("InvalidParameter", "Virtual Machine must have at least one network interface.");
  for (const one of references) {
    const found = findById(state, TYPE.networkInterface, one.id);
    if (found === undefined || !isSameLocation(found[1].location, body.location)) refuseAbsentReference(one.id, id);
    const holder = recordsOf(state, TYPE.virtualMachine).find(
      ([other, { networkProfile }]) =>
        !isSameId(other, id) && objects(networkProfile as WorldRecord, "networkInterfaces").some((used) => isSameId(used.id, one.id)),
    );
    if (holder !== undefined)
      throw new ApiError(
        "NicInUse",
        `Network Interface ${found[0]} is used by existing resource ${holder[0]}. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.`,
      );
    refuseAnotherZone(state, id, found[1], texts(body, "zones"));
  }
}

/** A public address of one zone is for machines in that zone. */
function refuseAnotherZone(state: WorldState, id: string, nic: WorldRecord, [zone]: readonly string[]): void {
  for (const configuration of objects(nic, "ipConfigurations")) {
    const address = findById(state, TYPE.publicIPAddress, referenceIn(configuration, "publicIPAddress"));
    const zones = texts(address?.[1], "zones");
    if (address !== undefined && zone !== undefined && zones.length > 0 && !zones.includes(zone))
      throw new ApiError(
        "ZonesMismatch",
        `Compute resource ${id} has a zone constraint ${zone} but the PublicIPAddress ${address[0]} used by the compute resource via NetworkInterface or LoadBalancer has a different zone constraint ${zones.join()}.`,
      );
  }
}

function identityOf(state: WorldState, machineId: string, asked: WorldRecord | undefined): WorldRecord | undefined {
  if (asked === undefined) return undefined;
  const identities = texts(asked, "userAssignedIdentities").map((id): [string, WorldRecord] => {
    const found = findById(state, TYPE.userAssignedIdentity, id);
    if (found === undefined)
      throw new ApiError(
        "FailedIdentityOperation",
        `Identity operation for resource '${machineId}' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{"error":{"code":"BadRequest","message":"Resource '${id}' was not found."}}'.`,
      );
    return [id, { clientId: found[1].clientId, principalId: found[1].principalId }];
  });
  return { ...asked, userAssignedIdentities: Object.fromEntries(identities) };
}

function changedDisk(former: WorldRecord, body: Readonly<WorldRecord>): WorldRecord {
  const before = object(object(former, "storageProfile"), "osDisk") ?? {};
  const asked = object(object(body, "storageProfile"), "osDisk") ?? {};
  return { ...before, ...asked, managedDisk: { ...object(before, "managedDisk"), ...object(asked, "managedDisk") } };
}

/** Has the machine run and waits until it does. */
async function start(api: Api): Promise<void> {
  const refusal = await ask(api, "start");
  await api.note((record) => {
    record.provisioningState = refusal === undefined ? "Succeeded" : "Failed";
  });
  if (refusal === undefined) return;
  const { name } = api.world.find(TYPE.virtualMachine, api.id ?? "") ?? {};
  throw new ApiError("OSProvisioningTimedOut", `OS Provisioning for VM '${String(name)}' did not finish in the allotted time: ${refusal}`);
}

/** Why the machine host will not, or `undefined` when it has done it. A machine is known by its `vmId`. */
async function ask(api: Api, what: MachineRequest["do"]): Promise<string | undefined> {
  const instance = String(api.world.find(TYPE.virtualMachine, api.id ?? "")?.vmId);
  const answer = await askMachineHost(api.world, { do: what, instance });
  return answer.ok ? undefined : answer.reason;
}
