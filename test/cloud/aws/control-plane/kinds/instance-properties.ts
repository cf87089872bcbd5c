import type { PropertySchema } from "../../../world/provider/property.ts";
import { tagsProperty } from "../tags.ts";

const MODIFY = ["ec2:ModifyInstanceAttribute"];
const LARGEST_USER_DATA_BYTES = 16_384;
const VOLUME_TYPES = ["standard", "io1", "io2", "gp2", "gp3", "sc1", "st1"];

/** What an interface of its own decides, so that the instance cannot. */
const DECIDED_BY_INTERFACE = [
  "associatePublicIpAddress",
  "enablePrimaryIpv6",
  "ipv6AddressCount",
  "ipv6Addresses",
  "privateIp",
  "secondaryPrivateIps",
  "securityGroups",
  "subnetId",
  "vpcSecurityGroupIds",
];

const metadataOptions: PropertySchema = {
  httpEndpoint: { type: "string", computed: true, allowed: ["enabled", "disabled"] },
  httpProtocolIpv6: { type: "string", computed: true, allowed: ["enabled", "disabled"] },
  httpPutResponseHopLimit: {
    type: "number",
    computed: true,
    check: (hops: number) =>
      hops < 1 || hops > 64 ? `expected httpPutResponseHopLimit to be in the range (1 - 64), got ${hops}` : undefined,
  },
  httpTokens: { type: "string", computed: true, allowed: ["optional", "required"] },
  instanceMetadataTags: { type: "string", computed: true, allowed: ["enabled", "disabled"] },
};

const rootBlockDevice: PropertySchema = {
  deleteOnTermination: { type: "boolean", default: true },
  deviceName: { type: "string", computed: true },
  encrypted: { type: "boolean", computed: true, replaces: true },
  iops: { type: "number", computed: true },
  kmsKeyId: { type: "string", computed: true, replaces: true },
  tags: { type: { map: "string" } },
  throughput: { type: "number", computed: true },
  volumeSize: { type: "number", computed: true },
  volumeType: { type: "string", computed: true, allowed: VOLUME_TYPES },
};

/** What may be said of an instance, and which changes need a new one (`aws_instance` of the Terraform provider). */
export const instanceProperties: PropertySchema = {
  ...tagsProperty("ec2"),
  ami: { type: "string", computed: true, replaces: true },
  associatePublicIpAddress: { type: "boolean", computed: true, replaces: true },
  availabilityZone: { type: "string", computed: true, replaces: true },
  creditSpecification: {
    type: { object: { cpuCredits: { type: "string", computed: true, allowed: ["standard", "unlimited"] } } },
    computed: true,
    changedBy: ["ec2:ModifyInstanceCreditSpecification"],
  },
  disableApiStop: { type: "boolean", computed: true, changedBy: MODIFY },
  disableApiTermination: { type: "boolean", computed: true, changedBy: MODIFY },
  ebsOptimized: { type: "boolean", computed: true, replaces: true },
  enablePrimaryIpv6: { type: "boolean", computed: true, changedBy: ["ec2:ModifyNetworkInterfaceAttribute"] },
  forceDestroy: { type: "boolean" },
  getPasswordData: { type: "boolean" },
  hibernation: { type: "boolean", replaces: true },
  iamInstanceProfile: {
    type: "string",
    computed: true,
    changedBy: ["ec2:DescribeIamInstanceProfileAssociations", "iam:PassRole", "ec2:ReplaceIamInstanceProfileAssociation"],
  },
  instanceInitiatedShutdownBehavior: { type: "string", computed: true, changedBy: MODIFY },
  instanceType: { type: "string", computed: true, changedBy: MODIFY },
  ipv6AddressCount: { type: "number", computed: true, replaces: true, conflictsWith: ["ipv6Addresses"] },
  ipv6Addresses: { type: { list: "string" }, computed: true, replaces: true },
  keyName: { type: "string", computed: true, replaces: true },
  maintenanceOptions: {
    type: { object: { autoRecovery: { type: "string", computed: true, allowed: ["default", "disabled"] } } },
    computed: true,
    changedBy: ["ec2:ModifyInstanceMaintenanceOptions"],
  },
  metadataOptions: { type: { object: metadataOptions }, computed: true, changedBy: ["ec2:ModifyInstanceMetadataOptions"] },
  monitoring: {
    type: "boolean",
    computed: true,
    changedBy: (_actual, asked) => [asked === true ? "ec2:MonitorInstances" : "ec2:UnmonitorInstances"],
  },
  primaryNetworkInterface: {
    type: { object: { deleteOnTermination: { type: "boolean", computed: true }, networkInterfaceId: { type: "string", required: true } } },
    computed: true,
    replaces: true,
    conflictsWith: DECIDED_BY_INTERFACE,
  },
  privateIp: { type: "string", computed: true, replaces: true },
  region: { type: "string", computed: true, replaces: true },
  rootBlockDevice: {
    type: { object: rootBlockDevice },
    computed: true,
    changedBy: ["ec2:ModifyVolume", "ec2:DescribeVolumesModifications"],
  },
  secondaryPrivateIps: { type: { set: "string" }, computed: true, changedBy: ["ec2:AssignPrivateIpAddresses"] },
  securityGroups: { type: { set: "string" }, computed: true, replaces: true },
  sourceDestCheck: { type: "boolean", computed: true, default: true, changedBy: ["ec2:ModifyNetworkInterfaceAttribute"] },
  subnetId: { type: "string", computed: true, replaces: true },
  tenancy: { type: "string", computed: true, replaces: true, allowed: ["default", "dedicated", "host"] },
  userData: { type: "string", computed: true, changedBy: MODIFY, conflictsWith: ["userDataBase64"], check: checkUserData },
  userDataBase64: {
    type: "string",
    computed: true,
    changedBy: MODIFY,
    check: (text: string) =>
      Buffer.from(text, "base64").toString("base64") === text ? undefined : "userDataBase64: must be base64-encoded",
  },
  userDataReplaceOnChange: { type: "boolean" },
  volumeTags: { type: { map: "string" }, changedBy: ["ec2:CreateTags"] },
  vpcSecurityGroupIds: { type: { set: "string" }, computed: true, changedBy: ["ec2:ModifyNetworkInterfaceAttribute"] },
};

/** What EC2 says of an instance besides. */
export const INSTANCE_OUTPUTS = [
  "arn",
  "capacityReservationSpecification",
  "cpuOptions",
  "ebsBlockDevices",
  "enclaveOptions",
  "instanceLifecycle",
  "instanceState",
  "outpostArn",
  "passwordData",
  "primaryNetworkInterfaceId",
  "privateDns",
  "privateDnsNameOptions",
  "publicDns",
  "publicIp",
  "spotInstanceRequestId",
];

function checkUserData(text: string): string | undefined {
  const bytes = Buffer.byteLength(text);
  return bytes > LARGEST_USER_DATA_BYTES
    ? `expected length of userData to be in the range (0 - ${LARGEST_USER_DATA_BYTES}), got ${bytes}`
    : undefined;
}

/** Whether there is more user data, before it is encoded, than EC2 takes. */
export function isTooMuchUserData({ userData, userDataBase64 }: Readonly<Record<string, unknown>>): boolean {
  const bytes =
    typeof userDataBase64 === "string" ? Buffer.from(userDataBase64, "base64").length : Buffer.byteLength(String(userData ?? ""));
  return bytes > LARGEST_USER_DATA_BYTES;
}
