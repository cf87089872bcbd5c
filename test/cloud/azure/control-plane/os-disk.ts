import { ApiError } from "../../world/provider/api.ts";
import { object, text } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { findById } from "./arm-id.ts";
import type { PutRequest } from "./arm-resource.ts";
import type { Image } from "./seeds.ts";
import { newGuid } from "./subscription.ts";
import { TYPE } from "./types.ts";

const STORAGE_TYPES = ["Standard_LRS", "StandardSSD_LRS", "StandardSSD_ZRS", "Premium_LRS", "Premium_ZRS"];

/** The disk a new machine starts from: a resource of its own, which Compute makes beside the machine. */
export function makeOsDisk(state: WorldState, { id: machineId, name: machine, body }: PutRequest, image: Image): WorldRecord {
  const asked = object(object(body, "storageProfile"), "osDisk") ?? {};
  if (asked.createOption !== "FromImage")
    throw new ApiError(
      "InvalidParameter",
      "The value of parameter osDisk.createOption is invalid: the stand-in makes machines from images only.",
    );
  const size = Number(asked.diskSizeGB ?? image.diskSizeGB);
  if (size < image.diskSizeGB)
    throw new ApiError(
      "InvalidParameter",
      `The specified disk size ${size} GB is smaller than the size of the corresponding disk in the VM image: ${image.diskSizeGB} GB. This is not allowed. Please choose equal or greater size or do not specify an explicit size.`,
    );
  const managed = object(asked, "managedDisk");
  const storageAccountType = text(managed, "storageAccountType") ?? "Standard_LRS";
  if (!STORAGE_TYPES.includes(storageAccountType))
    throw new ApiError(
      "InvalidParameter",
      `The value '${storageAccountType}' of parameter 'osDisk.managedDisk.storageAccountType' is not allowed. Allowed values are: ${STORAGE_TYPES.join()}.`,
    );
  const name = text(asked, "name") ?? `${machine}_OsDisk_1_${newGuid().replaceAll("-", "")}`;
  const id = `${machineId.replace(/\/virtualMachines\/.*$/, "")}/disks/${name}`;
  if (findById(state, TYPE.disk, id) !== undefined)
    throw new ApiError(
      "ConflictingUserInput",
      `Disk '${name}' already exists in resource group ${id.split("/")[4] ?? ""}. Only CreateOption.Attach is supported.`,
    );
  const disk = {
    diskSizeGB: size,
    diskState: "Attached",
    location: body.location,
    managedBy: machineId,
    name,
    osType: "Linux",
    provisioningState: "Succeeded",
    sku: { name: storageAccountType },
    ...(body.tags === undefined ? {} : { tags: body.tags }),
  };
  state.records[TYPE.disk] = { ...state.records[TYPE.disk], [id]: disk };
  return {
    caching: "None",
    deleteOption: "Detach",
    ...asked,
    diskSizeGB: size,
    managedDisk: { ...managed, id, storageAccountType },
    name,
    osType: "Linux",
  };
}

/** What becomes of a machine's disk when the machine goes: by default it stays, and is paid for. */
export function leaveOsDisk(state: WorldState, osDisk: WorldRecord | undefined): void {
  const found = findById(state, TYPE.disk, object(osDisk, "managedDisk")?.id);
  if (found === undefined) return;
  const [id, disk] = found;
  if (osDisk?.deleteOption === "Delete") delete state.records[TYPE.disk]?.[id];
  else {
    delete disk.managedBy;
    disk.diskState = "Unattached";
  }
}
