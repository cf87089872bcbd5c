import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { Architecture } from "../core/architecture.ts";
import { adminUserOf, renderSshKeys } from "../core/gcp/gcp-admin.ts";
import { GCP_DEFAULTS } from "../core/gcp/gcp-defaults.ts";
import type { GcpSpec } from "../core/gcp/gcp-spec.ts";
import { architectureOfMachine, diskTypeOf } from "../core/gcp/machine-type.ts";
import { renderStartupScript } from "../host/startup-script.ts";
import { transformed } from "../shared/transform.ts";
import { type BastionAddress, NETWORK_TIER } from "./address.ts";
import type { GcpScope } from "./gcp-scope.ts";
import type { HostKeySecret } from "./host-key-secret.ts";
import { findImage } from "./machine-image.ts";
import type { BastionNetwork } from "./network.ts";

/** What a machine is made of. */
export interface MachineParts {
  readonly network: BastionNetwork;
  readonly address: BastionAddress;
  readonly serviceAccount: gcp.serviceaccount.Account;
  readonly hostKeys: HostKeySecret;
  /** What the machine reads from its metadata. */
  readonly mailbox: Readonly<Record<string, pulumi.Input<string>>>;
  /** The rules that keep others out, which have to be there first. */
  readonly firewall: readonly pulumi.Resource[];
}

/** Makes the machine of a bastion. Everything that must survive it belongs to somebody else: addresses, keys, files. */
export function createMachine(scope: GcpScope, parts: MachineParts): gcp.compute.Instance {
  const { name, spec, inProject, labels, transforms, parent } = scope;
  const { network, address, serviceAccount, hostKeys, mailbox, firewall } = parts;
  const machineType = spec.machineType ?? GCP_DEFAULTS.machineType;
  const image = findImage(scope);
  const publicSide = address.publicIp === undefined ? [] : [{ natIp: address.publicIp, networkTier: NETWORK_TIER }];
  return new gcp.compute.Instance(
    `${name}-instance`,
    ...transformed(
      transforms.instance,
      {
        zone: spec.zone,
        machineType,
        description: "Reverse SSH bastion",
        networkInterfaces: [{ subnetwork: network.subnetwork, networkIp: address.privateIp, accessConfigs: publicSide }],
        bootDisk: {
          autoDelete: true,
          initializeParams: {
            image: image.image,
            type: diskTypeOf(machineType),
            size: spec.diskSizeGib ?? GCP_DEFAULTS.diskSizeGib,
            labels,
          },
          ...(spec.kmsKeyName === undefined ? {} : { kmsKeySelfLink: spec.kmsKeyName }),
        },
        // The scope grants nothing: the account has no role but the one for its own secret.
        serviceAccount: { email: serviceAccount.email, scopes: ["https://www.googleapis.com/auth/cloud-platform"] },
        ...shieldOf(spec, machineType),
        scheduling: { automaticRestart: true, onHostMaintenance: "MIGRATE" },
        metadata: {
          ...loginMetadata(spec),
          "startup-script": pulumi
            .all([hostKeys.project, hostKeys.secretId])
            .apply(([project, secret]) => renderStartupScript({ project, secret })),
          ...mailbox,
        },
        // Another machine type, service account or shield needs a machine that is stopped.
        allowStoppingForUpdate: true,
        labels,
        ...inProject,
      },
      {
        parent,
        // An address is one machine's at a time.
        deleteBeforeReplace: true,
        // Other labels would be another disk, and so another machine.
        ignoreChanges: ["bootDisk.initializeParams.labels", ...(image.isLookedUp ? ["bootDisk.initializeParams.image"] : [])],
        // A newer image is ignored; another system or architecture is not, and gets its newest image.
        replacementTrigger: image.kind,
        dependsOn: [...firewall, ...hostKeys.parts],
      },
    ),
  );
}

/** On arm64 there is no secure boot; what else of the shield an image can have, Compute Engine switches on by itself. */
function shieldOf({ secureBoot }: GcpSpec, machineType: string): Pick<gcp.compute.InstanceArgs, "shieldedInstanceConfig"> {
  if (architectureOfMachine(machineType) === Architecture.Arm64) return {};
  return { shieldedInstanceConfig: { enableSecureBoot: secureBoot ?? true, enableVtpm: true, enableIntegrityMonitoring: true } };
}

/**
 * Who the image's agent lets in: with OS Login those whom IAM names, which is nobody by default; otherwise the one key
 * of this machine, and none of the project's.
 */
function loginMetadata({ admin }: GcpSpec): Record<string, string> {
  const user = admin === undefined ? undefined : adminUserOf(admin);
  const key = admin?.publicKey !== undefined && user !== undefined ? { "ssh-keys": renderSshKeys(admin.publicKey, user) } : undefined;
  return {
    "block-project-ssh-keys": "TRUE",
    "enable-oslogin": key === undefined ? "TRUE" : "FALSE",
    "serial-port-enable": "FALSE",
    ...key,
  };
}
