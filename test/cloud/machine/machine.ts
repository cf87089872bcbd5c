import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CloudAdaptor, MachineDeclaration } from "./cloud-adaptor.ts";
import { run } from "./command.ts";
import { connectMachine, disconnectMachine } from "./namespace.ts";

/** How systemd's nspawn ends when the machine wants to be started again. */
const REBOOT = 133;
/** Signals to systemd as init: SIGRTMIN+4 and SIGRTMIN+5. */
const POWER_OFF_SIGNAL = 38;
const REBOOT_SIGNAL = 39;
/** A cloud cuts the power of a machine that does not end by itself; clouds wait for minutes. */
const PATIENCE_MS = 20_000;
const POLL_MS = 50;
const DISK_MIB = 1024;

/** Where a machine's parts are. */
export interface MachinePlaces {
  /** Root file system of its release. */
  readonly image: string;
  /** Folder of its own, for its disk. */
  readonly folder: string;
  /** File that its console is appended to. */
  readonly console: string;
  /** Control group of its own, which systemd needs for its units. */
  readonly controlGroup: string;
  /** The gateway's interface towards it. */
  readonly link: string;
}

/** One machine: a disk, a network, and while it runs a Debian that was booted from them. */
export class Machine {
  readonly #declaration: MachineDeclaration;
  readonly #places: MachinePlaces;
  #process: ChildProcess | undefined;
  /** What is to follow when it ends. */
  #wanted: "running" | "stopped" = "stopped";

  private constructor(declaration: MachineDeclaration, places: MachinePlaces) {
    this.#declaration = declaration;
    this.#places = places;
  }

  /** Gives it a disk that holds its cloud's image, and a network. */
  static async create(declaration: MachineDeclaration, places: MachinePlaces, cloud: CloudAdaptor): Promise<Machine> {
    const machine = new Machine(declaration, places);
    const { folder, image } = places;
    mkdirSync(join(folder, "disk"), { recursive: true });
    mkdirSync(machine.#root);
    await run("mount", ["-t", "tmpfs", "-o", `size=${DISK_MIB}m,mode=755`, "tmpfs", join(folder, "disk")]);
    const layers = { upperdir: join(folder, "disk/changes"), workdir: join(folder, "disk/work") };
    for (const layer of Object.values(layers)) mkdirSync(layer, { mode: 0o755 });
    const options = Object.entries({ lowerdir: image, ...layers }).map(([name, value]) => `${name}=${value}`);
    await run("mount", ["-t", "overlay", "-o", options.join(","), "overlay", machine.#root]);
    cloud.prepareImage(machine.#root, declaration);
    await connectMachine(declaration, places.link);
    mkdirSync(places.controlGroup, { recursive: true });
    return machine;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  get link(): string {
    return this.#places.link;
  }

  /** Its first process, as this process knows it, or `undefined` where it does not run. */
  get init(): number | undefined {
    const starter = this.#process?.pid;
    if (starter === undefined) return undefined;
    const children = `/proc/${starter}/task/${starter}/children`;
    const [init] = existsSync(children) ? readFileSync(children, "utf8").split(" ") : [];
    return init ? Number(init) : undefined;
  }

  /** Switches it on. It is up when its programs answer, some seconds later. */
  start(): void {
    if (this.isRunning) return;
    this.#wanted = "running";
    this.#boot();
  }

  /** Shuts it down; the disk stays. */
  async stop(): Promise<void> {
    this.#wanted = "stopped";
    this.#signal(POWER_OFF_SIGNAL);
    await this.#ended();
  }

  /** Has it shut down and start again. */
  async reboot(): Promise<void> {
    const before = this.#process;
    if (before === undefined) throw new Error("it does not run");
    this.#signal(REBOOT_SIGNAL);
    const end = Date.now() + PATIENCE_MS;
    while (this.#process === before && Date.now() < end) await sleep(POLL_MS);
    if (this.#process !== before) return;
    await this.cutPower();
    this.start();
  }

  /** Ends all of it at once, wherever it stands; the disk stays as it is. */
  async cutPower(): Promise<void> {
    this.#wanted = "stopped";
    this.#signal("SIGKILL");
    await this.#ended();
  }

  /** Ends it for good. Nothing of it stays. */
  async terminate(): Promise<void> {
    await this.cutPower();
    await run("umount", [this.#root]);
    await run("umount", [join(this.#places.folder, "disk")]);
    for (const inner of ["disk", "root", ""]) rmdirSync(join(this.#places.folder, inner));
    await disconnectMachine(this.#declaration.id);
    removeControlGroup(this.#places.controlGroup);
    // nspawn makes its groups in the hierarchy of systemd's own name, too, where there is one.
    removeControlGroup(this.#places.controlGroup.replace("/unified/", "/systemd/"));
  }

  get #root(): string {
    return join(this.#places.folder, "root");
  }

  #boot(): void {
    const { id, hostname } = this.#declaration;
    const console = openSync(this.#places.console, "a");
    const enterGroup = 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"';
    // From within the machine's network: what it sees of interfaces in /sys is what its starter sees.
    const nspawn = [
      "nsenter",
      `--net=/run/netns/${id}`,
      "systemd-nspawn",
      "--quiet",
      "--register=no",
      "--keep-unit",
      "--console=read-only",
      `--machine=${id}`,
    ];
    const options = [`--hostname=${hostname}`, `--directory=${this.#root}`, `--network-namespace-path=/run/netns/${id}`];
    // The rights a virtual machine's root has and a container's usually has not.
    const rights = ["--capability=CAP_NET_ADMIN,CAP_BPF,CAP_PERFMON,CAP_SYSLOG", "--system-call-filter=bpf @keyring"];
    // What a container would take over from the machine it runs on.
    const apart = ["--resolv-conf=off", "--timezone=off", "--link-journal=no", "--boot"];
    const child = spawn(
      "sh",
      ["-c", enterGroup, "sh", this.#places.controlGroup, ...nspawn, ...options, ...rights, ...apart, "systemd.show_status=false"],
      {
        stdio: ["ignore", console, console],
        env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1", SYSTEMD_NSPAWN_TMPFS_TMP: "0" },
      },
    );
    closeSync(console);
    this.#process = child;
    child.once("exit", (code) => {
      this.#process = undefined;
      if (code === REBOOT && this.#wanted === "running") this.#boot();
    });
  }

  #signal(signal: NodeJS.Signals | number): void {
    const { init } = this;
    if (init !== undefined) process.kill(init, signal);
    // Too early for an init: nothing has begun that could be lost.
    else this.#process?.kill("SIGKILL");
  }

  async #ended(): Promise<void> {
    const ending = this.#process;
    if (ending === undefined) return;
    const timer = setTimeout(() => this.#signal("SIGKILL"), PATIENCE_MS);
    await once(ending, "exit");
    clearTimeout(timer);
  }
}

function removeControlGroup(group: string): void {
  if (!existsSync(group)) return;
  for (const entry of readdirSync(group, { withFileTypes: true })) if (entry.isDirectory()) removeControlGroup(join(group, entry.name));
  rmdirSync(group);
}
