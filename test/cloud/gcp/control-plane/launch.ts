import type { Properties } from "../../plugin/values.ts";
import { ApiError } from "../../world/provider/api.ts";
import { recordsOf } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { noteUsers } from "./addresses.ts";
import { imageLink, resolveImage } from "./images.ts";
import { canonicalScope } from "./kinds/instance-properties.ts";
import { refuseLabels } from "./labels.ts";
import { architectureOf, refuseDiskType, refuseOtherArchitecture } from "./machine-type.ts";
import { refuseMetadata } from "./metadata.ts";
import { isName } from "./names.ts";
import { networkInterfaces } from "./network-interface.ts";
import { COMPUTE, fingerprint, type GcpContext, nameIn, newNumber, now, projectOf, refuseTwin, zoneOf } from "./project.ts";
import { regionOfZone, seedsOf } from "./seeds.ts";
import { TYPE } from "./types.ts";

/** A new instance, not running yet: what an insert answers. */
export function launch(state: WorldState, inputs: Properties, context: GcpContext): { id: string; record: WorldRecord } {
  const project = projectOf(state, inputs, context);
  const zone = zoneOf(inputs, context);
  const id = `projects/${project}/zones/${zone}/instances/${String(inputs.name)}`;
  refuseTwin(state, TYPE.instance, id);
  const place = { project, region: regionOfZone(zone) ?? "", instanceId: id };
  const machineType = nameIn(inputs.machineType);
  const record: WorldRecord = {
    deletionPolicy: "DELETE",
    ...inputs,
    bootDisk: bootDisk(state, inputs.bootDisk as Properties, id),
    cpuPlatform: architectureOf(machineType, project, zone) === "ARM64" ? "Ampere Altra" : "Intel Broadwell",
    creationTimestamp: now(),
    currentStatus: "PROVISIONING",
    instanceId: newNumber(),
    machineType,
    networkInterfaces: networkInterfaces(state, inputs.networkInterfaces as Properties[], place),
    project,
    scheduling: {
      automaticRestart: true,
      onHostMaintenance: "MIGRATE",
      preemptible: false,
      provisioningModel: "STANDARD",
      ...(inputs.scheduling as object | undefined),
    },
    selfLink: COMPUTE + id,
    ...(inputs.serviceAccount === undefined ? {} : { serviceAccount: serviceAccount(state, inputs.serviceAccount as Properties) }),
    shieldedInstanceConfig: {
      enableIntegrityMonitoring: true,
      enableSecureBoot: false,
      enableVtpm: true,
      ...(inputs.shieldedInstanceConfig as object | undefined),
    },
    zone,
  };
  validateInstance(record, state);
  Object.assign(record, fingerprints(record));
  state.records[TYPE.instance] = { ...state.records[TYPE.instance], [id]: record };
  noteUsers(state);
  return { id, record };
}

/** Refuses of an instance what Compute Engine refuses of one that is new, and of one that is changed. */
export function validateInstance(record: Readonly<WorldRecord>, state: WorldState): void {
  refuseLabels(record.labels);
  refuseMetadata(record);
  for (const [index, tag] of ((record.tags ?? []) as string[]).entries())
    if (!isName(tag))
      throw new ApiError(
        "invalid",
        `Invalid value for field 'resource.tags.items[${index}]': '${tag}'. Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'`,
      );
  const { initializeParams } = record.bootDisk as { initializeParams: { image: string; type: string } };
  const machineType = nameIn(record.machineType);
  const image = resolveImage(state, initializeParams.image);
  refuseOtherArchitecture(image, machineType, String(record.project), String(record.zone));
  refuseDiskType(initializeParams.type, machineType);
  if ((record.shieldedInstanceConfig as Properties).enableSecureBoot === true && image.architecture === "ARM64")
    throw new ApiError(
      "invalid",
      "Invalid value for field 'resource.shieldedInstanceConfig.enableSecureBoot': 'true'. Secure Boot is not supported by images for ARM64.",
    );
  if (record.serviceAccount !== undefined) serviceAccount(state, record.serviceAccount as Properties);
}

/** What tells one version of what can be changed from another. */
export function fingerprints(record: Readonly<WorldRecord>): WorldRecord {
  return {
    labelFingerprint: fingerprint(record.labels ?? {}),
    metadataFingerprint: fingerprint(record.metadata ?? {}),
    tagsFingerprint: fingerprint(record.tags ?? []),
  };
}

/** The service account of an instance, which has to exist; without an address it is the project's default one. */
export function serviceAccount(state: WorldState, asked: Properties): WorldRecord {
  const fallback = `${seedsOf(state).projectNumber}-compute@developer.gserviceaccount.com`;
  const email = String(asked.email ?? fallback);
  if (email !== fallback && !recordsOf(state, TYPE.serviceAccount).some(([, account]) => account.email === email))
    throw new ApiError(
      "notFound",
      `The resource 'projects/${seedsOf(state).project}/serviceAccounts/${email}' of type 'serviceAccount' was not found.`,
    );
  return { email, scopes: ((asked.scopes ?? []) as string[]).map(canonicalScope) };
}

function bootDisk(state: WorldState, asked: Properties, instanceId: string): WorldRecord {
  const params = (asked.initializeParams ?? {}) as Properties;
  if (params.image === undefined)
    throw new ApiError("required", "Required field 'resource.disks[0].initializeParams.sourceImage' not specified");
  const image = resolveImage(state, String(params.image));
  const size = Number(params.size ?? image.diskSizeGb);
  if (size < image.diskSizeGb)
    throw new ApiError(
      "invalid",
      `Invalid value for field 'resource.disks[0].initializeParams.diskSizeGb': '${size}'. Requested disk size cannot be smaller than the image size (${image.diskSizeGb} GB)`,
    );
  const type = nameIn(params.type ?? "pd-standard");
  if (!/^(pd-(standard|balanced|ssd|extreme)|hyperdisk-(balanced|extreme|throughput))$/.test(type))
    throw new ApiError(
      "invalid",
      `Invalid value for field 'resource.disks[0].initializeParams.diskType': '${type}'. The referenced resource does not exist.`,
    );
  return {
    mode: "READ_WRITE",
    kmsKeySelfLink: "",
    ...asked,
    autoDelete: asked.autoDelete ?? true,
    deviceName: asked.deviceName ?? "persistent-disk-0",
    initializeParams: { ...params, architecture: image.architecture, image: imageLink(image), labels: params.labels ?? {}, size, type },
    source: `${COMPUTE}${instanceId.replace("/instances/", "/disks/")}`,
  };
}
