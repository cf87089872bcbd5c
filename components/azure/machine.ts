import { VirtualMachine, type VirtualMachineArgs } from "@pulumi/azure-native/compute/virtualMachine.js";
import type { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import { AZURE_DEFAULTS } from "../core/azure/azure-defaults.ts";
import type { AzureSpec } from "../core/azure/azure-spec.ts";
import { hasTrustedLaunch } from "../core/azure/vm-size.ts";
import { renderAzureCustomData } from "../host/cloud-init.ts";
import { transformed } from "../shared/transform.ts";
import type { BastionAddress } from "./address.ts";
import type { AdminLogin } from "./admin-key.ts";
import type { AzureScope } from "./azure-scope.ts";
import { imageReferenceOf } from "./machine-image.ts";
import type { AzureMailbox } from "./mailbox.ts";

/**
 * What Azure refuses to change on a machine that runs, or at all. The provider does not know, and would announce a
 * change in place that fails.
 */
const FIXED = [
  "location",
  "networkProfile",
  "osProfile",
  "securityProfile",
  "storageProfile.imageReference",
  "storageProfile.osDisk.diskSizeGB",
  "storageProfile.osDisk.managedDisk",
  "zones",
];

/** What a machine is made of. */
export interface MachineParts {
  readonly address: BastionAddress;
  readonly identity: UserAssignedIdentity;
  readonly vaultUrl: pulumi.Output<string>;
  readonly mailbox: AzureMailbox;
  readonly admin: AdminLogin;
}

/** Makes the machine of a bastion. Everything that must survive it belongs to somebody else: addresses, keys, files. */
export function createMachine(scope: AzureScope, { address, identity, vaultUrl, mailbox, admin }: MachineParts): VirtualMachine {
  const { name, spec, resourceGroup, tags, transforms, parent } = scope;
  const customData = pulumi.all([vaultUrl, identity.clientId]).apply(([vault, clientId]) => {
    const text = renderAzureCustomData({ vault, clientId, keepDefaultUser: spec.admin !== undefined });
    return Buffer.from(text).toString("base64");
  });
  return new VirtualMachine(
    `${name}-virtual-machine`,
    ...transformed(
      transforms.virtualMachine,
      {
        resourceGroupName: resourceGroup,
        location: spec.location,
        ...(spec.zone === undefined ? {} : { zones: [spec.zone] }),
        hardwareProfile: { vmSize: spec.vmSize ?? AZURE_DEFAULTS.vmSize },
        identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
        networkProfile: { networkInterfaces: [{ id: address.networkInterfaceId, primary: true, deleteOption: "Detach" }] },
        osProfile: {
          computerName: name,
          adminUsername: admin.user,
          customData,
          linuxConfiguration: {
            disablePasswordAuthentication: true,
            provisionVMAgent: true,
            ssh: { publicKeys: [{ path: `/home/${admin.user}/.ssh/authorized_keys`, keyData: admin.publicKey }] },
          },
        },
        storageProfile: {
          imageReference: imageReferenceOf(spec),
          osDisk: {
            createOption: "FromImage",
            // A disk without a name of its own, that goes with its machine: otherwise each replacement would leave one behind.
            deleteOption: "Delete",
            caching: "ReadWrite",
            ...(spec.diskSizeGib === undefined ? {} : { diskSizeGB: spec.diskSizeGib }),
            managedDisk: {
              storageAccountType: "StandardSSD_LRS",
              ...(spec.diskEncryptionSetId === undefined ? {} : { diskEncryptionSet: { id: spec.diskEncryptionSetId } }),
            },
          },
        },
        ...shieldOf(spec),
        // The screen and the serial port, kept by Azure: the only way to look at a machine that does not start.
        diagnosticsProfile: { bootDiagnostics: { enabled: true } },
        userData: mailbox.userData,
        tags,
      },
      {
        parent,
        // A network interface is one machine's at a time.
        deleteBeforeReplace: true,
        replaceOnChanges: FIXED,
        // What user data calls current has to be there by then.
        dependsOn: [...mailbox.secrets],
      },
    ),
  );
}

function shieldOf({ trustedLaunch, vmSize }: AzureSpec): Pick<VirtualMachineArgs, "securityProfile"> {
  if (!(trustedLaunch ?? hasTrustedLaunch(vmSize ?? AZURE_DEFAULTS.vmSize))) return {};
  return { securityProfile: { securityType: "TrustedLaunch", uefiSettings: { secureBootEnabled: true, vTpmEnabled: true } } };
}
