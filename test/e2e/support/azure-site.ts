import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { leaveOsDisk } from "../../cloud/azure/control-plane/os-disk.ts";
import { type AzureSeeds, azureSeeds, type Image, seedsOf } from "../../cloud/azure/control-plane/seeds.ts";
import { resourceGroupId } from "../../cloud/azure/control-plane/subscription.ts";
import { TYPE } from "../../cloud/azure/control-plane/types.ts";
import { noteUses } from "../../cloud/azure/control-plane/uses.ts";
import { object, objects, text } from "../../cloud/world/records.ts";
import type { WorldRecord } from "../../cloud/world/world.ts";
import { CloudSite, type CloudTarget, cloudTarget, type MailboxTexts } from "./cloud-site.ts";

const LOCATION = "westeurope";
const MANIFEST = "/manifest";
const DEBIAN_13 = "13-gen2";

/** A stand-in Azure. */
export class AzureSite extends CloudSite {
  readonly previewOfAnotherClient = ["create acme-client-dc2-key", "update acme-key-set-1", "update acme-virtual-machine"];
  readonly machineName = "acme-virtual-machine";
  readonly machineCreate = "Microsoft.Compute/virtualMachines/write";
  // A rule is a part of its group.
  readonly refreshOfDrift = /1 updated/;
  protected readonly partBytes = 25_000;

  protected placed({ azure, dns }: Partial<CustomerFile>) {
    const zone = dns === undefined ? {} : { dns: { zoneId: this.#zoneId(dns.zone), ...dns } };
    return { target: "azure" as const, azure: { location: LOCATION, ...azure }, ...zone };
  }

  /** The one machine there is: its ARM id, and its record. */
  get machine(): [id: string, record: WorldRecord] {
    const [only, ...others] = Object.entries(this.world.records(TYPE.virtualMachine));
    if (only === undefined || others.length > 0) throw new Error(`expected one machine, found ${others.length + (only ? 1 : 0)}`);
    return only;
  }

  /** The `vmId` by which the machine host knows it. */
  get instanceId(): string {
    return String(this.machine[1].vmId);
  }

  isSecret(type: string): boolean {
    return type === TYPE.secret;
  }

  protected isCreate(action: string): boolean {
    return action.endsWith("/write");
  }

  protected nameOf({ name }: WorldRecord): string {
    return String(name)
      .replace(/^rb-[0-9a-f]{20}$/, "vault")
      .replace(/_[0-9a-f]{32}$/, "")
      .replace(/[0-9a-f]{8}(?=$|_)/, "");
  }

  /** A version of an image of Debian 13, other than the one that is named. */
  imageVersion(otherThan = ""): string {
    const found = seedsOf(this.world.read()).images.find(({ sku, version }) => sku === DEBIAN_13 && version !== otherThan);
    if (found === undefined) throw new Error("there is no other image");
    return found.version;
  }

  withAnotherImage(): Partial<CustomerFile> {
    const image = object(object(this.machine[1], "storageProfile"), "imageReference");
    return { azure: { location: LOCATION, imageVersion: this.imageVersion(text(image, "exactVersion")) } };
  }

  async publishNewerImage(): Promise<void> {
    await this.world.change((state) => {
      const images = seedsOf(state).images as Image[];
      const newest = images.findLast(({ sku }) => sku === DEBIAN_13);
      if (newest !== undefined) images.push({ ...newest, version: "0.20261121.2310" });
    });
  }

  async terminateBehindPulumisBack(instance: string): Promise<void> {
    await this.cloud?.terminate(instance);
    await this.world.change((state) => {
      const machines = state.records[TYPE.virtualMachine] ?? {};
      const [id, record] = Object.entries(machines).find(([, { vmId }]) => vmId === instance) ?? [];
      if (id === undefined) throw new Error(`there is no machine ${instance}`);
      delete machines[id];
      leaveOsDisk(state, object(object(record, "storageProfile"), "osDisk"));
      noteUses(state);
    });
  }

  async removeClientRule(): Promise<void> {
    const [[id, group] = []] = Object.entries(this.world.records(TYPE.networkSecurityGroup));
    const securityRules = objects(group, "securityRules").filter(({ destinationPortRange }) => destinationPortRange !== "2222");
    await this.world.alter(TYPE.networkSecurityGroup, id ?? "", { securityRules });
  }

  readMailbox(): MailboxTexts {
    const secrets = this.#secrets().map(([, record]) => [mailboxName(record), String(object(record, "properties")?.value)]);
    return { ...this.#manifests(), ...Object.fromEntries(secrets) };
  }

  async writeMailbox(texts: MailboxTexts): Promise<void> {
    for (const [id, record] of this.#secrets()) {
      const value = texts[mailboxName(record)];
      if (value !== undefined) await this.world.alter(TYPE.secret, id, { properties: { ...object(record, "properties"), value } });
    }
    const written = Object.entries(texts).filter(([name]) => name.endsWith(MANIFEST));
    if (written.length === 0) return;
    const manifests = JSON.stringify({ ...this.#manifests(), ...Object.fromEntries(written) });
    await this.world.alter(TYPE.virtualMachine, this.machine[0], { userData: Buffer.from(manifests).toString("base64") });
  }

  /** Puts two virtual networks into the subscription that nobody has declared, each with a subnet. */
  async addNetworks(): Promise<{ virtualNetworkId: string; subnetId: string; otherSubnetId: string }> {
    return this.world.change((state) => {
      const add = (name: string, block: string, subnetBlock: string) => {
        const virtualNetworkId = `${this.#groupId()}/providers/Microsoft.Network/virtualNetworks/${name}`;
        const subnetId = `${virtualNetworkId}/subnets/${name}`;
        const put = (type: string, id: string, record: WorldRecord) => {
          state.records[type] = { ...state.records[type], [id]: { name, provisioningState: "Succeeded", ...record } };
        };
        put(TYPE.virtualNetwork, virtualNetworkId, { location: LOCATION, addressSpace: { addressPrefixes: [block] } });
        put(TYPE.subnet, subnetId, { addressPrefix: subnetBlock, serviceEndpoints: [{ service: "Microsoft.KeyVault", locations: ["*"] }] });
        return { virtualNetworkId, subnetId };
      };
      const { subnetId: otherSubnetId } = add("other", "10.21.0.0/16", "10.21.1.0/24");
      return { ...add("shared", "10.20.0.0/16", "10.20.1.0/24"), otherSubnetId };
    });
  }

  #manifests(): Record<string, string> {
    const userData = Buffer.from(String(this.machine[1].userData ?? ""), "base64").toString();
    return JSON.parse(userData || "{}") as Record<string, string>;
  }

  /** Secrets of the mailbox; the host keys are none of its texts. */
  #secrets(): [id: string, record: WorldRecord][] {
    return Object.entries(this.world.records(TYPE.secret)).filter(([id]) => !id.endsWith("/host-keys"));
  }

  #groupId(): string {
    const { subscriptionId } = seedsOf(this.world.read());
    return resourceGroupId(subscriptionId, "platform");
  }

  #zoneId(zone: string): string {
    const { dnsZones, subscriptionId } = seedsOf(this.world.read());
    const found = dnsZones.find(({ name }) => name === zone);
    const kind = found?.visibility === "private" ? "privateDnsZones" : "dnsZones";
    return `${resourceGroupId(subscriptionId, found?.resourceGroup)}/providers/Microsoft.Network/${kind}/${zone}`;
  }
}

/** Azure with a subscription whose owner has things of his own in it. */
export function azureOf(seeds: Partial<AzureSeeds>): CloudTarget<AzureSite> {
  return cloudTarget({
    target: "azure",
    seeds: () => ({ ...azureSeeds(seeds) }),
    inForceSeconds: 10,
    // What is current is read from the machine's own host, which is always there, and answers only so often.
    mailboxFaults: ["throttling"],
    make: (world, cloud) => new AzureSite(world, cloud),
  });
}

/** Azure. A machine looks at its user data every two seconds. */
export const AZURE = azureOf({});

/** `host-files-1` as the machine asks for it. */
function mailboxName({ name }: WorldRecord): string {
  return String(name).replace(/-(?=\d+$)/, "/");
}
