import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { HostFile } from "../../../components/host/file-set.ts";
import { packDocument, renderHostFiles, renderManifest, splitDocument } from "../../../components/host/mailbox-document.ts";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import type { DebianRelease, StoreFault } from "../../cloud/machine/cloud-adaptor.ts";
import { WORLD_VARIABLE, World, type WorldRecord } from "../../cloud/world/world.ts";
import { Cloud } from "./cloud.ts";
import { customerFile } from "./deployment.ts";
import { CUSTOMER, type Finished, PLATFORM } from "./network.ts";
import type { PreparedSite, Site } from "./site.ts";

const PLUGINS = resolve(import.meta.dirname, "../../cloud/bin");

/** What stands in a mailbox, by the names that a machine asks for: `key-set/manifest`, `host-files/1`. */
export type MailboxTexts = Readonly<Record<string, string>>;

/** A stand-in cloud beside the network of a test: the real engine creates resources in it, and its machines boot. */
export abstract class CloudSite implements PreparedSite {
  readonly world: World;
  /** The machines; none where only records are of interest. */
  readonly cloud: Cloud | undefined;

  constructor(world: World, cloud: Cloud | undefined) {
    this.world = world;
    this.cloud = cloud;
  }

  get env(): NodeJS.ProcessEnv {
    return { [WORLD_VARIABLE]: this.world.folder, PATH: [PLUGINS, process.env.PATH].join(delimiter) };
  }

  /** The target, and where the bastion stands: what differs between the customer's files of the clouds. */
  protected abstract placed(parts: Partial<CustomerFile>): Partial<CustomerFile> & Pick<CustomerFile, "target">;
  /** The id of the one machine there is. */
  abstract get instanceId(): string;
  /** What a preview shows when there is one client more, `dc2`. */
  abstract readonly previewOfAnotherClient: readonly string[];
  /** Whether a cloud's API shows what is in a record only to those who may read secrets. */
  abstract isSecret(type: string, record: WorldRecord): boolean;
  /** Whether a call makes something. */
  protected abstract isCreate(action: string): boolean;
  /** The call that makes a machine, and the name of the resource that does. */
  abstract readonly machineCreate: string;
  abstract readonly machineName: string;
  /** What a refresh says of a firewall rule that somebody removed. */
  abstract readonly refreshOfDrift: RegExp;
  /** What somebody called a resource, without what the provider added. */
  protected abstract nameOf(record: WorldRecord): string;
  /** The customer's file with another image of the same system than the machine has. */
  abstract withAnotherImage(): Partial<CustomerFile>;
  /** Has the publisher of the image publish one. */
  abstract publishNewerImage(): Promise<void>;
  /** Ends a machine behind Pulumi's back, as somebody at the console would. */
  abstract terminateBehindPulumisBack(instance: string): Promise<void>;
  /** Removes the firewall rule that lets clients in, behind Pulumi's back. */
  abstract removeClientRule(): Promise<void>;
  /** How many bytes one text of the mailbox takes. */
  protected abstract readonly partBytes: number;
  abstract readMailbox(): MailboxTexts;
  /** Writes some texts of the mailbox, behind Pulumi's back. */
  abstract writeMailbox(texts: MailboxTexts): Promise<void>;

  customerFile(parts: Partial<CustomerFile>): CustomerFile {
    const { local: _local, ...file } = customerFile(parts);
    return {
      ...file,
      clientCidrs: parts.clientCidrs ?? [`${CUSTOMER}/32`],
      consumerCidrs: parts.consumerCidrs ?? [`${PLATFORM}/32`],
      ...this.placed(parts),
    };
  }

  /** What there is, without what differs from one world to the next: by type, the names that were given. */
  census(): Record<string, string[]> {
    const nameOf = (record: WorldRecord) => this.nameOf(record).replace(/-[0-9a-f]{7}$/, "");
    return Object.fromEntries(
      Object.entries(this.world.read().records).map(([type, records]) => [type, Object.values(records).map(nameOf).sort()]),
    );
  }

  /** The calls so far that made something, each once. */
  creates(): string[] {
    return [...new Set(this.world.calls().flatMap(({ action }) => (this.isCreate(action) ? [action] : [])))];
  }

  /** Puts other host files into the mailbox, as a new version of this package would; the answer puts the old ones back. */
  async replaceHostFiles(change: (files: HostFile[]) => HostFile[]): Promise<() => Promise<void>> {
    const before = Object.fromEntries(Object.entries(this.readMailbox()).filter(([name]) => name.startsWith("host-files/")));
    const { parts } = JSON.parse(before["host-files/manifest"] ?? "") as { parts: number };
    const packed = Array.from({ length: parts }, (_, i) => before[`host-files/${i + 1}`]).join("");
    const { files } = JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString()) as { files: HostFile[] };
    const document = renderHostFiles(change(files));
    const values = splitDocument(packDocument(document), this.partBytes);
    if (values.length > parts) throw new Error("the changed files need more room than there is");
    await this.writeMailbox({
      ...Object.fromEntries(values.map((value, i) => [`host-files/${i + 1}`, value])),
      "host-files/manifest": renderManifest(document, values.length),
    });
    return () => this.writeMailbox(before);
  }

  async waitForLogins(host: string): Promise<void> {
    await this.cloud?.waitForSshd(this.instanceId, host, 2222);
  }

  run(program: string, ...args: readonly string[]): Promise<Finished> {
    if (this.cloud === undefined) throw new Error("there are no machines in this world");
    return this.cloud.run(this.instanceId, program, ...args);
  }

  async remove(): Promise<void> {
    await this.cloud?.stop();
    rmSync(this.world.folder, { recursive: true, force: true });
  }
}

/** A cloud, as tests choose it. */
export interface CloudTarget<S extends CloudSite = CloudSite> {
  readonly target: CustomerFile["target"];
  /** With machines of one release of Debian. */
  withMachines(release?: DebianRelease): Site<S>;
  /** Without machines: for what is about resources only. */
  readonly records: Site<S>;
  /** What can go wrong with the mailbox that its machines read. */
  readonly mailboxFaults: readonly StoreFault[];
  /** What a world needs to be this cloud, among others perhaps. */
  readonly seeds: () => Record<string, unknown>;
  /** As a part of a world without machines. */
  recordsIn(world: World): S;
}

/** Describes a cloud by what differs. */
export function cloudTarget<S extends CloudSite>(options: {
  readonly target: CustomerFile["target"];
  readonly seeds: () => Record<string, unknown>;
  /** How long after the end of `pulumi up` a change of keys may take to be in force. */
  readonly inForceSeconds: number;
  readonly mailboxFaults: readonly StoreFault[];
  readonly make: (world: World, cloud: Cloud | undefined) => S;
}): CloudTarget<S> {
  const { target, seeds, inForceSeconds, mailboxFaults, make } = options;
  const createWorld = () => World.create(mkdtempSync(join(tmpdir(), "world-")), seeds());
  return {
    target,
    mailboxFaults,
    seeds,
    recordsIn: (world) => make(world, undefined),
    withMachines: (release = "trixie") => ({
      target,
      inForceSeconds,
      prepare: async (network) => {
        const world = createWorld();
        return make(world, await Cloud.start(network, world.folder, [release]));
      },
    }),
    records: { target, inForceSeconds, prepare: async () => make(createWorld(), undefined) },
  };
}
