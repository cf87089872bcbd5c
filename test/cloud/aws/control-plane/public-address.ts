import { ApiError } from "../../world/provider/api.ts";
import { recordsOf } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { existing } from "./account.ts";
import { TYPE } from "./types.ts";

/** Points an elastic address at a network interface. */
export function associate(
  state: WorldState,
  allocationId: string,
  associationId: string,
  networkInterfaceId: string,
  region: string,
): WorldRecord {
  const address = existing(state, TYPE.eip, allocationId, region, "InvalidAllocationID.NotFound", "allocation ID");
  const network = existing(
    state,
    TYPE.networkInterface,
    networkInterfaceId,
    region,
    "InvalidNetworkInterfaceID.NotFound",
    "networkInterface ID",
  );
  const subnet = existing(state, TYPE.subnet, network.subnetId, region, "InvalidSubnetID.NotFound", "subnet ID");
  if (!recordsOf(state, TYPE.internetGateway).some(([, gateway]) => gateway.vpcId === subnet.vpcId))
    throw new ApiError("Gateway.NotAttached", `Network ${String(subnet.vpcId)} is not attached to any internet gateway`);
  disassociate(state, address);
  const instance = instanceOf(network);
  Object.assign(address, {
    associationId,
    networkInterface: networkInterfaceId,
    instance,
    privateIp: network.privateIp,
    privateDns: network.privateDnsName,
  });
  showOnInstance(state, instance, String(address.publicIp), region);
  return address;
}

/** Points an elastic address at nothing; whoever associated it finds that gone. */
export function disassociate(state: WorldState, address: WorldRecord): void {
  if (address.associationId === "") return;
  showOnInstance(state, String(address.instance), "", String(address.region));
  delete state.records[TYPE.eipAssociation]?.[String(address.associationId)];
  Object.assign(address, { associationId: "", networkInterface: "", instance: "", privateIp: "", privateDns: "" });
}

/** Has elastic addresses of an interface follow its attachment to an instance, or the loss of it. */
export function followInterface(state: WorldState, networkInterfaceId: string, instanceId: string): void {
  for (const [, address] of recordsOf(state, TYPE.eip)) {
    if (address.networkInterface !== networkInterfaceId) continue;
    address.instance = instanceId;
    const association = state.records[TYPE.eipAssociation]?.[String(address.associationId)];
    if (association !== undefined) association.instanceId = instanceId;
    showOnInstance(state, instanceId, String(address.publicIp), String(address.region));
  }
}

/** Name of a public address within AWS. */
export function publicDnsName(publicIp: string, region: string): string {
  return publicIp === "" ? "" : `ec2-${publicIp.replaceAll(".", "-")}.${region}.compute.amazonaws.com`;
}

/** The instance an interface is attached to, or an empty text. */
export function instanceOf(networkInterface: WorldRecord): string {
  return String((networkInterface.attachments as WorldRecord[])[0]?.instance ?? "");
}

function showOnInstance(state: WorldState, instanceId: string, publicIp: string, region: string): void {
  const instance = state.records[TYPE.instance]?.[instanceId];
  if (instance === undefined) return;
  Object.assign(instance, { publicIp, publicDns: publicDnsName(publicIp, region), associatePublicIpAddress: publicIp !== "" });
}
