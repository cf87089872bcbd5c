import { ApiError } from "../../world/provider/api.ts";
import { recordsOf } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { arnOf, ec2Identity, existing, newId } from "./account.ts";
import { takePublicAddress } from "./addresses.ts";
import { instanceTypeOf, refuseOtherArchitecture } from "./instance-type.ts";
import { usableProfile } from "./kinds/iam-instance-profile.ts";
import { isTooMuchUserData } from "./kinds/instance-properties.ts";
import { networkInterface } from "./kinds/network-interface.ts";
import { followInterface, instanceOf, publicDnsName } from "./public-address.ts";
import { type Image, seedsOf } from "./seeds.ts";
import { checkTags, tagsOf } from "./tags.ts";
import { TYPE } from "./types.ts";

type Inputs = Readonly<Record<string, unknown>>;

/** A new instance, pending, with its primary interface: what RunInstances answers. */
export function launch(state: WorldState, inputs: Inputs, region: string): { id: string; record: WorldRecord } {
  const image = imageOf(state, String(inputs.ami));
  const instanceType = String(inputs.instanceType);
  refuseOtherArchitecture(image, instanceType);
  if (isTooMuchUserData(inputs)) throw new ApiError("InvalidParameterValue", "User data is limited to 16384 bytes");
  if (inputs.keyName !== undefined && state.records[TYPE.keyPair]?.[String(inputs.keyName)] === undefined)
    throw new ApiError("InvalidKeyPair.NotFound", `The key pair '${String(inputs.keyName)}' does not exist`);
  if (inputs.iamInstanceProfile !== undefined) usableProfile(state, inputs.iamInstanceProfile);
  checkTags(inputs.volumeTags);

  const id = newId("i");
  const identity = ec2Identity(state, region, `instance/${id}`);
  const rootBlockDevice = rootVolume(state, image, region, (inputs.rootBlockDevice ?? {}) as Inputs);
  const [networkInterfaceId, network, subnet] = takeInterface(state, inputs, region);
  if (inputs.availabilityZone !== undefined && inputs.availabilityZone !== subnet.availabilityZone)
    throw new ApiError(
      "InvalidParameterValue",
      `The availability zone '${String(inputs.availabilityZone)}' does not match that of the subnet, '${String(subnet.availabilityZone)}'.`,
    );
  network.attachments = [{ attachmentId: newId("eni-attach"), deviceIndex: 0, instance: id, networkCardIndex: 0 }];

  const hasOwnInterface = inputs.primaryNetworkInterface !== undefined;
  const wantsPublicIp = !hasOwnInterface && (inputs.associatePublicIpAddress ?? subnet.mapPublicIpOnLaunch) === true;
  const publicIp = wantsPublicIp ? takePublicAddress(state) : "";
  const { isBurstable } = instanceTypeOf(instanceType);
  const needsToken = image.imdsSupport === "v2.0";
  const record: WorldRecord = {
    ...inputs,
    arn: identity.arn,
    region,
    ...tagsOf(inputs),
    associatePublicIpAddress: publicIp !== "",
    availabilityZone: subnet.availabilityZone,
    capacityReservationSpecification: { capacityReservationPreference: "open" },
    cpuOptions: { amdSevSnp: "", coreCount: 2, threadsPerCore: 1 },
    ...(isBurstable ? { creditSpecification: { cpuCredits: "unlimited", ...(inputs.creditSpecification as Inputs | undefined) } } : {}),
    disableApiStop: inputs.disableApiStop ?? false,
    disableApiTermination: inputs.disableApiTermination ?? false,
    ebsBlockDevices: [],
    ebsOptimized: inputs.ebsOptimized ?? false,
    enclaveOptions: { enabled: false },
    getPasswordData: false,
    iamInstanceProfile: inputs.iamInstanceProfile ?? "",
    instanceInitiatedShutdownBehavior: inputs.instanceInitiatedShutdownBehavior ?? "stop",
    instanceLifecycle: "",
    instanceState: "pending",
    ipv6AddressCount: (network.ipv6Addresses as string[]).length,
    ipv6Addresses: network.ipv6Addresses,
    keyName: inputs.keyName ?? "",
    maintenanceOptions: { autoRecovery: "default", ...(inputs.maintenanceOptions as Inputs | undefined) },
    metadataOptions: {
      httpEndpoint: "enabled",
      httpProtocolIpv6: "disabled",
      httpPutResponseHopLimit: needsToken ? 2 : 1,
      httpTokens: needsToken ? "required" : "optional",
      instanceMetadataTags: "disabled",
      ...(inputs.metadataOptions as Inputs | undefined),
    },
    monitoring: inputs.monitoring ?? false,
    outpostArn: "",
    passwordData: "",
    ...(hasOwnInterface ? { primaryNetworkInterface: { deleteOnTermination: false, networkInterfaceId } } : {}),
    primaryNetworkInterfaceId: networkInterfaceId,
    privateDns: network.privateDnsName,
    privateDnsNameOptions: { enableResourceNameDnsARecord: false, enableResourceNameDnsAaaaRecord: false, hostnameType: "ip-name" },
    privateIp: network.privateIp,
    publicDns: publicDnsName(publicIp, region),
    publicIp,
    rootBlockDevice,
    secondaryPrivateIps: [],
    securityGroups: [],
    sourceDestCheck: network.sourceDestCheck,
    spotInstanceRequestId: "",
    subnetId: network.subnetId,
    tenancy: inputs.tenancy ?? "default",
    vpcSecurityGroupIds: network.securityGroups,
  };
  // Elastic addresses of an interface come along with it.
  state.records[TYPE.instance] = { ...state.records[TYPE.instance], [id]: record };
  followInterface(state, networkInterfaceId, id);
  return { id, record };
}

/** The image of an id. */
export function imageOf(state: WorldState, id: string): Image {
  if (!/^ami-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id)) throw new ApiError("InvalidAMIID.Malformed", `Invalid id: "${id}"`);
  const image = seedsOf(state).images.find(({ imageId }) => imageId === id);
  if (image === undefined) throw new ApiError("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
  return image;
}

/** Lets go of an instance's interface: one of its own stays, the one it was launched with goes. */
export function releaseInterface(state: WorldState, instance: WorldRecord): void {
  const id = String(instance.primaryNetworkInterfaceId);
  const network = state.records[TYPE.networkInterface]?.[id];
  if (network === undefined) return;
  network.attachments = [];
  followInterface(state, id, "");
  if (instance.primaryNetworkInterface !== undefined) return;
  for (const [, address] of recordsOf(state, TYPE.eip))
    if (address.networkInterface === id) {
      delete state.records[TYPE.eipAssociation]?.[String(address.associationId)];
      Object.assign(address, { associationId: "", networkInterface: "", instance: "", privateIp: "", privateDns: "" });
    }
  delete state.records[TYPE.networkInterface]?.[id];
}

/** The primary interface: the one that was given, or a new one in the subnet. */
function takeInterface(state: WorldState, inputs: Inputs, region: string): [id: string, network: WorldRecord, subnet: WorldRecord] {
  const subnetOf = (id: unknown) => existing(state, TYPE.subnet, id, region, "InvalidSubnetID.NotFound", "subnet ID");
  if (inputs.primaryNetworkInterface !== undefined) {
    const { networkInterfaceId } = inputs.primaryNetworkInterface as { networkInterfaceId: string };
    const given = existing(
      state,
      TYPE.networkInterface,
      networkInterfaceId,
      region,
      "InvalidNetworkInterfaceID.NotFound",
      "networkInterface ID",
    );
    if (instanceOf(given) !== "") throw new ApiError("InvalidNetworkInterface.InUse", `Interface: [${networkInterfaceId}] in use.`);
    return [networkInterfaceId, given, subnetOf(given.subnetId)];
  }
  const subnetId = inputs.subnetId ?? defaultSubnet(state, region, inputs.availabilityZone);
  const subnet = subnetOf(subnetId);
  const id = newId("eni");
  const network = networkInterface(state, id, region, {
    subnetId,
    securityGroups: inputs.vpcSecurityGroupIds,
    privateIp: inputs.privateIp,
    ipv6AddressCount: inputs.ipv6AddressCount,
    ipv6Addresses: inputs.ipv6Addresses,
    enablePrimaryIpv6: inputs.enablePrimaryIpv6,
    sourceDestCheck: inputs.sourceDestCheck,
  });
  state.records[TYPE.networkInterface] = { ...state.records[TYPE.networkInterface], [id]: network };
  return [id, network, subnet];
}

function defaultSubnet(state: WorldState, region: string, zone: unknown): string {
  const found = recordsOf(state, TYPE.subnet).find(
    ([, one]) => one.defaultForAz === true && one.region === region && (zone === undefined || one.availabilityZone === zone),
  );
  if (found === undefined) throw new ApiError("MissingInput", `No subnets found for the default VPC. Please specify a subnet.`);
  return found[0];
}

function rootVolume(state: WorldState, image: Image, region: string, asked: Inputs): WorldRecord {
  const volumeSize = Number(asked.volumeSize ?? image.rootVolumeGib);
  if (volumeSize < image.rootVolumeGib)
    throw new ApiError(
      "InvalidBlockDeviceMapping",
      `Volume of size ${volumeSize}GB is smaller than snapshot of '${image.imageId}', expect size>= ${image.rootVolumeGib}GB`,
    );
  const volumeType = asked.volumeType ?? "gp3";
  if (asked.kmsKeyId !== undefined && asked.encrypted !== true)
    throw new ApiError("InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.");
  return {
    deleteOnTermination: asked.deleteOnTermination ?? true,
    deviceName: image.rootDeviceName,
    encrypted: asked.encrypted ?? false,
    iops: asked.iops ?? (volumeType === "gp3" ? 3000 : 100),
    kmsKeyId: asked.kmsKeyId ?? (asked.encrypted === true ? arnOf(state, "kms", region, "key/00000000-0000-4000-8000-000000000000") : ""),
    ...(asked.tags === undefined ? {} : { tags: asked.tags }),
    tagsAll: asked.tags ?? {},
    throughput: asked.throughput ?? (volumeType === "gp3" ? 125 : 0),
    volumeId: newId("vol"),
    volumeSize,
    volumeType,
  };
}
