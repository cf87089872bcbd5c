import type { PropertySchema } from "../../../world/provider/property.ts";
import { isOfFamily } from "../images.ts";
import { labelsProperty } from "../labels.ts";
import { nameProperty, placeProperty } from "../names.ts";
import { isSameReference, nameIn } from "../project.ts";

const OPERATION = "compute.zoneOperations.get";
const SCOPES = "https://www.googleapis.com/auth/";

/** Scopes that the provider knows by a shorter name. */
export function canonicalScope(scope: string): string {
  return scope.startsWith(SCOPES) ? scope : SCOPES + scope;
}

const initializeParams: PropertySchema = {
  architecture: { type: "string", computed: true },
  image: { type: "string", computed: true, same: isOfFamily },
  labels: { type: { map: "string" }, computed: true },
  size: {
    type: "number",
    computed: true,
    check: (size: number) => (size >= 1 ? undefined : `expected size to be at least (1), got ${size}`),
  },
  type: { type: "string", computed: true, same: (actual, asked) => nameIn(actual) === nameIn(asked) },
};

const bootDisk: PropertySchema = {
  autoDelete: { type: "boolean", default: true, changedBy: ["compute.instances.setDiskAutoDelete", OPERATION] },
  deviceName: { type: "string", computed: true, replaces: true },
  initializeParams: { type: { object: initializeParams }, computed: true, replaces: true },
  kmsKeySelfLink: { type: "string", computed: true, replaces: true, same: isSameReference },
  mode: { type: "string", default: "READ_WRITE", allowed: ["READ_WRITE", "READ_ONLY"], replaces: true },
};

const accessConfig: PropertySchema = {
  natIp: { type: "string", computed: true },
  networkTier: { type: "string", computed: true, allowed: ["PREMIUM", "FIXED_STANDARD", "STANDARD", "STANDARD_OVERRIDES_FIXED_STANDARD"] },
};

const networkInterface: PropertySchema = {
  accessConfigs: { type: { list: { object: accessConfig } } },
  network: { type: "string", computed: true, same: isSameReference },
  networkIp: { type: "string", computed: true },
  nicType: { type: "string", allowed: ["GVNIC", "VIRTIO_NET", "IDPF", "MRDMA", "IRDMA"] },
  stackType: { type: "string", computed: true, allowed: ["IPV4_ONLY", "IPV4_IPV6", "IPV6_ONLY"] },
  subnetwork: { type: "string", computed: true, same: isSameReference },
  subnetworkProject: { type: "string", computed: true },
};

const scheduling: PropertySchema = {
  automaticRestart: { type: "boolean", default: true },
  onHostMaintenance: { type: "string", computed: true, allowed: ["MIGRATE", "TERMINATE"] },
  preemptible: { type: "boolean", replaces: true },
  provisioningModel: { type: "string", computed: true, replaces: true, allowed: ["STANDARD", "SPOT"] },
};

const shieldedInstanceConfig: PropertySchema = {
  enableIntegrityMonitoring: { type: "boolean", default: true },
  enableSecureBoot: { type: "boolean", default: false },
  enableVtpm: { type: "boolean", default: true },
};

const serviceAccount: PropertySchema = {
  email: { type: "string", computed: true },
  scopes: {
    type: { set: "string" },
    required: true,
    same: (actual, asked) => scopeKey(actual) === scopeKey(asked),
  },
};

function scopeKey(scopes: unknown): string {
  return ((scopes ?? []) as string[]).map(canonicalScope).sort().join();
}

/** What may be said of an instance, and which changes need a new one (`google_compute_instance` of the Terraform provider). */
export const instanceProperties: PropertySchema = {
  ...labelsProperty("compute.instances.setLabels"),
  allowStoppingForUpdate: { type: "boolean" },
  bootDisk: { type: { object: bootDisk }, required: true, changedBy: ["compute.instances.setDiskAutoDelete", OPERATION] },
  canIpForward: { type: "boolean", changedBy: ["compute.instances.update", OPERATION] },
  deletionPolicy: { type: "string", default: "DELETE", allowed: ["DELETE", "PREVENT", "ABANDON"] },
  deletionProtection: { type: "boolean", changedBy: ["compute.instances.setDeletionProtection", OPERATION] },
  description: { type: "string", replaces: true },
  desiredStatus: { type: "string", allowed: ["RUNNING", "SUSPENDED", "TERMINATED"] },
  hostname: { type: "string", replaces: true },
  machineType: {
    type: "string",
    required: true,
    changedBy: ["compute.instances.setMachineType", OPERATION],
    same: (actual, asked) => nameIn(actual) === nameIn(asked),
  },
  metadata: { type: { map: "string" }, changedBy: ["compute.instances.setMetadata", OPERATION] },
  metadataStartupScript: { type: "string", replaces: true },
  minCpuPlatform: { type: "string", computed: true, changedBy: ["compute.instances.setMinCpuPlatform", OPERATION] },
  name: nameProperty,
  // Only addresses and the subnetwork change in place: the kind says when not.
  networkInterfaces: { type: { list: { object: networkInterface } }, required: true },
  project: placeProperty,
  resourcePolicies: { type: "string", replaces: true },
  scheduling: { type: { object: scheduling }, computed: true, changedBy: ["compute.instances.setScheduling", OPERATION] },
  serviceAccount: { type: { object: serviceAccount }, changedBy: ["compute.instances.setServiceAccount", OPERATION] },
  shieldedInstanceConfig: {
    type: { object: shieldedInstanceConfig },
    computed: true,
    changedBy: ["compute.instances.updateShieldedInstanceConfig", OPERATION],
  },
  tags: { type: { set: "string" }, changedBy: ["compute.instances.setTags", OPERATION] },
  zone: { ...placeProperty, same: isSameReference },
};

/** What Compute Engine says of an instance besides. */
export const INSTANCE_OUTPUTS = [
  "cpuPlatform",
  "creationTimestamp",
  "currentStatus",
  "effectiveLabels",
  "instanceId",
  "labelFingerprint",
  "metadataFingerprint",
  "pulumiLabels",
  "selfLink",
  "tagsFingerprint",
];

/** Changes that Compute Engine takes of a stopped instance only. */
export const NEEDS_STOP = ["machineType", "minCpuPlatform", "serviceAccount", "shieldedInstanceConfig"];
