import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CloudAdaptor, DebianRelease, StoreFault } from "./cloud-adaptor.ts";
import { feed } from "./command.ts";
import { renderFirewall } from "./firewall.ts";
import { Machine } from "./machine.ts";

/** What the host is asked, one line of JSON each. */
export type HostRequest =
  | { readonly do: "start" | "stop" | "reboot" | "terminate" | "cut-power" | "inspect"; readonly instance: string }
  | { readonly do: "break-store"; readonly fault?: StoreFault };

/** What it answers. `init` is the machine's first process, as the host's namespace counts. */
export type HostAnswer =
  | { readonly ok: true; readonly state?: "running" | "stopped"; readonly init?: number }
  | { readonly ok: false; readonly reason: string };

/** Where the host has things. */
export interface HostPlaces {
  /** Folder of the machines' disks. */
  readonly disks: string;
  /** Folder of what the machines say on their consoles. */
  readonly consoles: string;
  /** Name of a control group of its own. */
  readonly group: string;
  readonly images: Readonly<Partial<Record<DebianRelease, string>>>;
}

/** The machines of a world, with the firewall in front of them. */
export class MachineHost {
  readonly #cloud: CloudAdaptor;
  readonly #places: HostPlaces;
  readonly #machines = new Map<string, Machine>();
  #links = 0;
  #firewall = "";
  #isStoreReachable = true;
  /** Work is done one after the other: machines share the gateway. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(cloud: CloudAdaptor, places: HostPlaces) {
    this.#cloud = cloud;
    this.#places = places;
  }

  /** Does what is asked, once everything before is done. */
  answer(request: HostRequest): Promise<HostAnswer> {
    return this.#next(() => this.#do(request)).catch((error: unknown) => ({
      ok: false,
      reason: error instanceof Error ? error.message : String(error),
    }));
  }

  /** Follows the world: new rules, addresses that moved, machines that are no longer there. */
  follow(): Promise<void> {
    return this.#next(async () => {
      const declared = this.#cloud.machines();
      for (const id of [...this.#machines.keys()]) if (!declared.has(id)) await this.#terminate(id);
      await this.#applyFirewall();
    });
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #do(request: HostRequest): Promise<HostAnswer> {
    if (request.do === "break-store") {
      this.#isStoreReachable = request.fault !== "unreachable";
      this.#cloud.breakStore(request.fault);
      await this.#applyFirewall();
      return { ok: true };
    }
    const { instance } = request;
    if (request.do === "terminate") {
      await this.#terminate(instance);
      return { ok: true };
    }
    const machine = this.#machines.get(instance) ?? (request.do === "start" ? await this.#create(instance) : undefined);
    if (machine === undefined) return { ok: false, reason: `there is no machine ${instance}` };
    await this.#applyFirewall();
    if (request.do === "start") machine.start();
    if (request.do === "stop") await machine.stop();
    if (request.do === "reboot") await machine.reboot();
    if (request.do === "cut-power") await machine.cutPower();
    const { init } = machine;
    return { ok: true, state: machine.isRunning ? "running" : "stopped", ...(init === undefined ? {} : { init }) };
  }

  async #create(id: string): Promise<Machine> {
    const declaration = this.#cloud.machines().get(id);
    if (declaration === undefined) throw new Error(`${id} is not declared, or has no network interface with an address`);
    const image = this.#places.images[declaration.release];
    if (image === undefined) throw new Error(`this host has no root file system of ${declaration.release}`);
    this.#links += 1;
    const machine = await Machine.create(
      declaration,
      {
        image,
        folder: join(this.#places.disks, id),
        console: join(this.#places.consoles, `${id}.log`),
        controlGroup: join(unifiedHierarchy(), this.#places.group, id),
        link: `m${this.#links}`,
      },
      this.#cloud,
    );
    this.#machines.set(id, machine);
    return machine;
  }

  async #terminate(id: string): Promise<void> {
    const machine = this.#machines.get(id);
    if (machine === undefined) return;
    this.#machines.delete(id);
    await machine.terminate();
    await this.#applyFirewall();
  }

  async #applyFirewall(): Promise<void> {
    const declared = this.#cloud.machines();
    const linked = [...this.#machines].flatMap(([id, { link }]) => {
      const machine = declared.get(id);
      return machine === undefined ? [] : [{ link, machine }];
    });
    const firewall = renderFirewall(linked, {
      platformAddresses: this.#cloud.platformAddresses,
      servicesReachable: this.#isStoreReachable,
    });
    if (firewall === this.#firewall) return;
    await feed("nft", ["--file", "-"], firewall);
    this.#firewall = firewall;
  }
}

/** Folder of the control groups that systemd inside the machines uses. */
function unifiedHierarchy(): string {
  const folder = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].find((candidate) => existsSync(join(candidate, "cgroup.procs")));
  if (folder === undefined) throw new Error("this system has no control groups of version 2");
  return folder;
}
