import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { noteUsers } from "../../cloud/gcp/control-plane/addresses.ts";
import { addDefaultNetwork } from "../../cloud/gcp/control-plane/default-network.ts";
import { imageLink } from "../../cloud/gcp/control-plane/images.ts";
import { COMPUTE } from "../../cloud/gcp/control-plane/project.ts";
import { type GcpSeeds, gcpSeeds, type Image, seedsOf } from "../../cloud/gcp/control-plane/seeds.ts";
import { TYPE } from "../../cloud/gcp/control-plane/types.ts";
import type { WorldRecord } from "../../cloud/world/world.ts";
import { CloudSite, type CloudTarget, cloudTarget, type MailboxTexts } from "./cloud-site.ts";

const REGION = "europe-west3";
const PREFIX = "reverse-bastion-";
const CREATE = /^(?!dns\.resourceRecordSets).*\.(?:create|createInternal|add|setIamPolicy)$/;

/** A stand-in GCP. */
export class GcpSite extends CloudSite {
  readonly previewOfAnotherClient = ["create acme-client-dc2-key", "update acme-instance"];
  readonly machineCreate = "compute.instances.create";
  readonly machineName = "acme-instance";
  readonly refreshOfDrift = /1 deleted/;
  protected readonly partBytes = 250_000;

  override get env(): NodeJS.ProcessEnv {
    return { ...super.env, GOOGLE_PROJECT: seedsOf(this.world.read()).project };
  }

  protected placed(parts: Partial<CustomerFile>) {
    return { target: "gcp" as const, gcp: { zone: `${REGION}-a`, ...parts.gcp } };
  }

  /** The one instance there is: its id in the world, and its record. */
  get instance(): [id: string, record: WorldRecord] {
    const running = Object.entries(this.world.records(TYPE.instance)).filter(([, { currentStatus }]) => currentStatus === "RUNNING");
    const [only, ...others] = running;
    if (only === undefined || others.length > 0) throw new Error(`expected one running instance, found ${running.length}`);
    return only;
  }

  /** The number by which the machine host knows it. */
  get instanceId(): string {
    return String(this.instance[1].instanceId);
  }

  isSecret(type: string): boolean {
    return type === TYPE.secretVersion;
  }

  protected isCreate(action: string): boolean {
    return CREATE.test(action);
  }

  protected nameOf({ name, accountId, secretId, role }: WorldRecord): string {
    return `${accountId ?? secretId ?? role ?? name ?? ""}`;
  }

  /** An image of Debian 13 for an architecture, other than the one that is named. */
  image(architecture: Image["architecture"] = "X86_64", otherThan = ""): string {
    const found = seedsOf(this.world.read()).images.find(
      (image) => image.name.startsWith("debian-13-") && image.architecture === architecture && !otherThan.endsWith(image.name),
    );
    if (found === undefined) throw new Error(`there is no other image for ${architecture}`);
    return imageLink(found).replace(COMPUTE, "");
  }

  withAnotherImage(): Partial<CustomerFile> {
    const { bootDisk } = this.instance[1] as { bootDisk: { initializeParams: { image: string } } };
    return { gcp: { zone: `${REGION}-a`, imageId: this.image("X86_64", bootDisk.initializeParams.image) } };
  }

  async publishNewerImage(): Promise<void> {
    await this.world.change((state) => {
      const seeds = state.seeds.gcp as { images: Image[] };
      for (const architecture of ["X86_64", "ARM64"]) {
        const newest = seeds.images.findLast(
          (image) => image.name.startsWith("debian-13-") && image.architecture === architecture,
        ) as Image;
        const name = newest.name.replace(/v\d+$/, "v20261121");
        seeds.images.push({ ...newest, name, creationTimestamp: "2026-11-21T04:00:00.000-08:00" });
      }
    });
  }

  async terminateBehindPulumisBack(instance: string): Promise<void> {
    await this.cloud?.terminate(instance);
    await this.world.change((state) => {
      const records = state.records[TYPE.instance] ?? {};
      const [id] = Object.entries(records).find(([, record]) => record.instanceId === instance) ?? [];
      if (id === undefined) throw new Error(`there is no instance ${instance}`);
      delete records[id];
      noteUsers(state);
    });
  }

  async removeClientRule(): Promise<void> {
    const allowsLogins = ({ allows }: WorldRecord) => JSON.stringify(allows ?? []).includes('"2222"');
    const [id] = Object.entries(this.world.records(TYPE.firewall)).find(([, record]) => allowsLogins(record)) ?? [];
    await this.world.forget(TYPE.firewall, id ?? "");
  }

  readMailbox(): MailboxTexts {
    const metadata = Object.entries((this.instance[1].metadata ?? {}) as Record<string, string>);
    return Object.fromEntries(metadata.flatMap(([key, value]) => (key.startsWith(PREFIX) ? [[mailboxName(key), value]] : [])));
  }

  async writeMailbox(texts: MailboxTexts): Promise<void> {
    const [id, { metadata }] = this.instance;
    const written = Object.entries(texts).map(([name, value]) => [PREFIX + name.replace("/", "-"), value]);
    await this.world.alter(TYPE.instance, id, { metadata: { ...(metadata as object), ...Object.fromEntries(written) } });
  }

  /** Sets metadata of the project, such as `enable-oslogin`, which its instances inherit. */
  async setProjectMetadata(projectMetadata: GcpSeeds["projectMetadata"]): Promise<void> {
    await this.world.change((state) => Object.assign(seedsOf(state), { projectMetadata }));
  }

  /** Puts the network into the project that Google makes in a new one: port 22 is open to everybody there. */
  async addDefaultNetwork(): Promise<{ network: string; subnetwork: string }> {
    return this.world.change((state) => addDefaultNetwork(state, REGION));
  }

  /** Puts two networks into the project that nobody has declared, each with a subnetwork. */
  async addNetworks(): Promise<{ network: string; subnetwork: string; otherSubnetwork: string }> {
    return this.world.change((state) => {
      const add = (name: string, ipCidrRange: string) => {
        const { project } = seedsOf(state);
        const network = `projects/${project}/global/networks/${name}`;
        const subnetwork = `projects/${project}/regions/${REGION}/subnetworks/${name}`;
        const put = (type: string, id: string, record: WorldRecord) => {
          state.records[type] = { ...state.records[type], [id]: { name, project, selfLink: COMPUTE + id, ...record } };
        };
        put(TYPE.network, network, { autoCreateSubnetworks: false });
        const gatewayAddress = ipCidrRange.replace(/0\/\d+$/, "1");
        put(TYPE.subnetwork, subnetwork, {
          gatewayAddress,
          ipCidrRange,
          network: COMPUTE + network,
          privateIpGoogleAccess: true,
          region: REGION,
          stackType: "IPV4_ONLY",
        });
        return { network, subnetwork };
      };
      const { subnetwork: otherSubnetwork } = add("other", "10.21.1.0/24");
      return { ...add("shared", "10.20.1.0/24"), otherSubnetwork };
    });
  }
}

/** GCP with a project whose owner has things of his own in it: metadata that its instances inherit, users of OS Login. */
export function gcpOf(seeds: Partial<GcpSeeds>): CloudTarget<GcpSite> {
  return cloudTarget({
    target: "gcp",
    seeds: () => ({ ...gcpSeeds(seeds) }),
    inForceSeconds: 5,
    // Metadata is read from the machine's own host, which does not throttle.
    mailboxFaults: ["unreachable"],
    make: (world, cloud) => new GcpSite(world, cloud),
  });
}

/** GCP. A machine waits for changes, and is told of them at once. */
export const GCP = gcpOf({});

/** `reverse-bastion-key-set-1` as the machine asks for it. */
function mailboxName(key: string): string {
  return key.slice(PREFIX.length).replace(/-(?=[^-]+$)/, "/");
}
