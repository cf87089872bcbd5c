import { createHash } from "node:crypto";
import { cidrContains, parseCidr } from "../../../../components/core/cidr.ts";
import { type DebianRelease, type FirewallRule, type MachineDeclaration, SERVICE_ADDRESS } from "../../machine/cloud-adaptor.ts";
import { renderAddress } from "../../world/cidr-blocks.ts";
import { object, objects, recordsOf, text, texts } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { isSameId, partOf } from "../control-plane/arm-id.ts";
import { TYPE } from "../control-plane/types.ts";
import { recordOf, referenced } from "./arm-reference.ts";
import { securityRules } from "./security-rules.ts";

/** A virtual machine with what belongs to it. */
export interface DeclaredMachine {
  /** Its `vmId`, which its firmware and the metadata service say; machines are known by it. */
  readonly id: string;
  readonly resourceId: string;
  readonly record: WorldRecord;
  readonly machine: MachineDeclaration;
  readonly subnetBlock: string;
  readonly identities: readonly ManagedIdentity[];
  readonly admin: { readonly name: string; readonly publicKeys: readonly AdminKey[] };
}

export interface AdminKey {
  readonly path: string;
  readonly keyData: string;
}

/** An identity that a machine may act as. */
export interface ManagedIdentity {
  readonly resourceId: string;
  readonly clientId: string;
  readonly principalId: string;
}

/** The machines of a world that can be booted: each has a network interface with an address. */
export function declaredMachines(state: WorldState): DeclaredMachine[] {
  return recordsOf(state, TYPE.virtualMachine)
    .map(([resourceId, record]) => declaredMachine(state, resourceId, record))
    .filter((machine) => machine !== undefined);
}

function declaredMachine(state: WorldState, resourceId: string, record: WorldRecord): DeclaredMachine | undefined {
  const [primary] = objects(object(record, "networkProfile"), "networkInterfaces");
  const card = recordOf(state, TYPE.networkInterface, text(primary, "id"));
  const [configuration] = objects(card, "ipConfigurations");
  const address = text(configuration, "privateIPAddress");
  const id = text(record, "vmId");
  if (address === undefined || id === undefined) return undefined;

  const subnetId = text(object(configuration, "subnet"), "id");
  const subnet = recordOf(state, TYPE.subnet, subnetId);
  const subnetBlock = text(subnet, "addressPrefix") ?? texts(subnet, "addressPrefixes")[0] ?? `${address}/32`;
  const publicAddress = text(referenced(state, TYPE.publicIPAddress, configuration, "publicIPAddress"), "ipAddress");
  const groups = [subnet, card]
    .map((owner) => referenced(state, TYPE.networkSecurityGroup, owner, "networkSecurityGroup"))
    .filter((group) => group !== undefined);
  const networkBlocks = blocksOfNetwork(state, subnetId?.replace(/\/subnets\/[^/]+$/i, ""));
  const profile = object(record, "osProfile");
  return {
    id,
    resourceId,
    record,
    machine: {
      id,
      hostname: text(profile, "computerName") ?? String(record.name),
      release: releaseOf(record),
      address,
      prefixLength: parseCidr(subnetBlock).prefixLength,
      router: renderAddress(4, parseCidr(subnetBlock).address + 1n),
      interfaceName: "eth0",
      mac: text(card, "macAddress")?.replaceAll("-", ":").toLowerCase() ?? macOf(id),
      ...(publicAddress === undefined ? {} : { publicAddress }),
      rules: [
        ...(publicAddress !== undefined || reachesKeyVault(subnet) ? [] : [UNREACHABLE]),
        ...securityRules(groups, { address, networkBlocks }),
      ],
      metadataHops: 64,
    },
    subnetBlock,
    identities: identitiesOf(state, record),
    admin: {
      name: text(profile, "adminUsername") ?? "",
      publicKeys: objects(object(object(profile, "linuxConfiguration"), "ssh"), "publicKeys").map(({ path, keyData }) => ({
        path: String(path),
        keyData: String(keyData),
      })),
    },
  };
}

/** Azure's services, where nothing leads to the internet. */
const UNREACHABLE: FirewallRule = { isDenial: true, direction: "out", protocol: "all", cidr: `${SERVICE_ADDRESS}/32` };

function reachesKeyVault(subnet: WorldRecord | undefined): boolean {
  return (
    object(subnet, "natGateway") !== undefined || objects(subnet, "serviceEndpoints").some((one) => one.service === "Microsoft.KeyVault")
  );
}

/** The blocks of a virtual network, and of those that it is peered with. */
function blocksOfNetwork(state: WorldState, networkId: string | undefined): string[] {
  const network = recordOf(state, TYPE.virtualNetwork, networkId);
  const peers = objects(network, "virtualNetworkPeerings").map((peering) =>
    referenced(state, TYPE.virtualNetwork, peering, "remoteVirtualNetwork"),
  );
  const blocks = [network, ...peers].flatMap((one) => texts(object(one, "addressSpace"), "addressPrefixes"));
  return blocks.filter((block) => parseCidr(block).family === 4 && !blocks.some((other) => other !== block && holds(other, block)));
}

function holds(outer: string, inner: string): boolean {
  return cidrContains(parseCidr(outer), parseCidr(inner));
}

/** The program names identities in a list; Azure answers with a map. */
function identitiesOf(state: WorldState, record: WorldRecord): ManagedIdentity[] {
  const given = object(record, "identity")?.userAssignedIdentities ?? {};
  const ids = Array.isArray(given) ? given.map(String) : Object.keys(given);
  return recordsOf(state, TYPE.userAssignedIdentity).flatMap(([resourceId, { clientId, principalId }]) =>
    ids.some((id) => isSameId(id, resourceId)) ? [{ resourceId, clientId: String(clientId), principalId: String(principalId) }] : [],
  );
}

/** Ubuntu has no root file system here, and is stood in for by the Debian that is nearest to it. */
function releaseOf(record: WorldRecord): DebianRelease {
  const image = object(object(record, "storageProfile"), "imageReference");
  return /^debian-12|\/debian-12/i.test(text(image, "id") ?? text(image, "offer") ?? "") ? "bookworm" : "trixie";
}

/** Of the block that Azure's network interfaces are numbered from. */
function macOf(id: string): string {
  const tail = createHash("sha256").update(id).digest("hex").slice(0, 6);
  return `00:0d:3a:${tail.replace(/..(?=.)/g, "$&:")}`;
}

/** The name of a machine's resource group. */
export function resourceGroupOf({ resourceId }: DeclaredMachine): string {
  return partOf(resourceId, "resourceGroups");
}
