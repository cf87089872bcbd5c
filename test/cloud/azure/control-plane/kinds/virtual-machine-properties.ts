import type { PropertySchema } from "../../../world/provider/property.ts";
import { reference } from "./reference.ts";

const osProfile: PropertySchema = {
  adminPassword: { type: "string" },
  adminUsername: { type: "string" },
  allowExtensionOperations: { type: "boolean" },
  computerName: { type: "string" },
  customData: { type: "string" },
  linuxConfiguration: {
    type: {
      object: {
        disablePasswordAuthentication: { type: "boolean" },
        enableVMAgentPlatformUpdates: { type: "boolean" },
        patchSettings: { type: { object: { assessmentMode: { type: "string" }, patchMode: { type: "string" } } } },
        provisionVMAgent: { type: "boolean" },
        ssh: {
          type: { object: { publicKeys: { type: { list: { object: { keyData: { type: "string" }, path: { type: "string" } } } } } } },
        },
      },
    },
  },
};

const osDisk: PropertySchema = {
  caching: { type: "string" },
  createOption: { type: "string", required: true },
  deleteOption: { type: "string" },
  diskSizeGB: { type: "number" },
  managedDisk: {
    type: { object: { diskEncryptionSet: { type: reference }, id: { type: "string" }, storageAccountType: { type: "string" } } },
  },
  name: { type: "string" },
  osType: { type: "string" },
  writeAcceleratorEnabled: { type: "boolean" },
};

const imageReference: PropertySchema = {
  communityGalleryImageId: { type: "string" },
  id: { type: "string" },
  offer: { type: "string" },
  publisher: { type: "string" },
  sharedGalleryImageId: { type: "string" },
  sku: { type: "string" },
  version: { type: "string" },
};

/** What may be said of a machine. None of it replaces the machine: what cannot change, ARM refuses to change. */
export const virtualMachineProperties: PropertySchema = {
  diagnosticsProfile: {
    type: { object: { bootDiagnostics: { type: { object: { enabled: { type: "boolean" }, storageUri: { type: "string" } } } } } },
  },
  hardwareProfile: { type: { object: { vmSize: { type: "string" } } } },
  identity: { type: { object: { type: { type: "string" }, userAssignedIdentities: { type: { list: "string" } } } } },
  networkProfile: {
    type: {
      object: {
        networkInterfaces: {
          type: { list: { object: { deleteOption: { type: "string" }, id: { type: "string" }, primary: { type: "boolean" } } } },
        },
      },
    },
  },
  osProfile: { type: { object: osProfile } },
  plan: { type: { object: { name: { type: "string" }, product: { type: "string" }, publisher: { type: "string" } } } },
  priority: { type: "string" },
  securityProfile: {
    type: {
      object: {
        encryptionAtHost: { type: "boolean" },
        securityType: { type: "string" },
        uefiSettings: { type: { object: { secureBootEnabled: { type: "boolean" }, vTpmEnabled: { type: "boolean" } } } },
      },
    },
  },
  storageProfile: { type: { object: { imageReference: { type: { object: imageReference } }, osDisk: { type: { object: osDisk } } } } },
  userData: { type: "string" },
  zones: { type: { list: "string" } },
};

/** What Compute fills in besides. */
export const VIRTUAL_MACHINE_OUTPUTS = ["etag", "instanceView", "managedBy", "provisioningState", "resources", "timeCreated", "vmId"];
