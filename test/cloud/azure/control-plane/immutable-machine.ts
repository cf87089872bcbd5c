import { isDeepStrictEqual } from "node:util";
import { ApiError } from "../../world/provider/api.ts";
import { object } from "../../world/records.ts";
import type { WorldRecord } from "../../world/world.ts";

/** Parts of a machine that are as they were made. One that is left out stays as it is. */
const IMMUTABLE = [
  "osProfile.computerName",
  "osProfile.adminUsername",
  "osProfile.adminPassword",
  "osProfile.customData",
  "osProfile.linuxConfiguration.disablePasswordAuthentication",
  "osProfile.linuxConfiguration.ssh.publicKeys",
  "storageProfile.imageReference.publisher",
  "storageProfile.imageReference.offer",
  "storageProfile.imageReference.sku",
  "storageProfile.imageReference.version",
  "storageProfile.imageReference.id",
  "storageProfile.osDisk.name",
  "storageProfile.osDisk.createOption",
  "storageProfile.osDisk.managedDisk.storageAccountType",
  "storageProfile.osDisk.managedDisk.diskEncryptionSet",
  "securityProfile.securityType",
  "zones",
];

/** What ARM calls a part when it refuses a change of it. */
function nameOf(path: string): string {
  if (path.includes("imageReference")) return "imageReference";
  if (path.includes("publicKeys")) return "linuxConfiguration.ssh.publicKeys";
  return path.replace("storageProfile.", "");
}

/** Refuses changes of a machine that only another machine can have. */
export function refuseChange(former: WorldRecord, asked: Readonly<WorldRecord>, name: string): void {
  for (const path of IMMUTABLE) {
    const value = partOf(asked, path);
    // Data of the first boot that is left out goes unnoticed; zones that are left out do not.
    if (value === undefined && path !== "zones") continue;
    if (!isDeepStrictEqual(value, partOf(former, path)))
      throw new ApiError("PropertyChangeNotAllowed", `Changing property '${nameOf(path)}' is not allowed.`);
  }
  const size = partOf(asked, "storageProfile.osDisk.diskSizeGB");
  if (size !== undefined && size !== partOf(former, "storageProfile.osDisk.diskSizeGB"))
    throw new ApiError(
      "ResizeDiskError",
      `Managed disk resize via Virtual Machine '${name}' is allowed only when Virtual Machine is deallocated. Current VM power state is 'VM running'. Please resize the disk resource instead.`,
    );
  const interfaces = (record: Readonly<WorldRecord>) =>
    ((partOf(record, "networkProfile.networkInterfaces") ?? []) as WorldRecord[]).map(({ id }) => String(id).toLowerCase());
  if (!isDeepStrictEqual(interfaces(former), interfaces(asked)))
    throw new ApiError(
      "OperationNotAllowed",
      `Network interfaces of Virtual Machine '${name}' can be added or removed only when the Virtual Machine is deallocated.`,
    );
}

function partOf(record: Readonly<WorldRecord>, path: string): unknown {
  const [first = "", ...rest] = path.split(".");
  if (rest.length === 0) return record[first];
  return partOf(object(record, first) ?? {}, rest.join("."));
}
