import { spawn } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCidr } from "../../../components/core/cidr.ts";
import { POD_DIRECTORY, POD_USER_ID, PodFolder, type PodProgram, podCommand, renderPod } from "../../../components/host/pod.ts";
import { run } from "../../cloud/machine/command.ts";
import type { BuiltImage } from "../../cluster/image.ts";
import type { ContainerPlan } from "../../cluster/node/pods/container-plan.ts";
import { ContainerProcess } from "../../cluster/node/pods/container-process.ts";
import { writeVolume } from "../../cluster/node/volumes/atomic-writer.ts";
import { makeEmptyDirectory } from "../../cluster/node/volumes/empty-directory.ts";
import { exampleBastion } from "../../support/bastions.ts";
import { makeKey } from "../../support/openssh.ts";
import type { Network } from "../support/network.ts";

const HOST_KEY = "ssh_host_ed25519_key";
const GUARD = join(import.meta.dirname, "image-pod-guard.sh");

/** A bastion's pod without a cluster: the container of the image, and the volumes as kubelet makes them. */
export class ImagePod {
  /** Line of the host key. */
  readonly hostKey: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "image-pod-"));
  readonly #plan: ContainerPlan;
  #container: ContainerProcess | undefined;

  private constructor(image: BuiltImage, network: Network) {
    spawn("sh", [GUARD, `${process.pid}`, this.#folder], { detached: true, stdio: "ignore" }).unref();
    const { configuration, accounts } = renderPod(exampleBastion(), {
      allowedSources: [parseCidr("198.51.100.0/24")],
      penaltyExemptCidrs: [parseCidr("127.0.0.0/8")],
    });
    const { privateKey, publicKey } = makeKey(this.#folder, "ed25519");
    this.hostKey = publicKey;
    for (const volume of ["configuration", "accounts", "mailbox", "directory"]) mkdirSync(this.#place(volume));
    this.#write("configuration", { ...configuration, [HOST_KEY]: privateKey }, 0o440);
    this.#write("accounts", accounts, 0o444);
    // As a runtime gives its pipes to the user of the container.
    writeFileSync(this.#log, "");
    chownSync(this.#log, POD_USER_ID, POD_USER_ID);
    const mount = (source: string, target: string) => ({ source: this.#place(source), target, isReadOnly: source !== "directory" });
    this.#plan = {
      image: image.root,
      network: `/run/netns/${network.name}`,
      hostname: "acme-bastion",
      command: image.entrypoint,
      workingDirectory: "/",
      environment: image.environment,
      isRootReadOnly: true,
      mounts: [
        mount("directory", POD_DIRECTORY),
        mount("configuration", `${POD_DIRECTORY}/${PodFolder.Configuration}`),
        mount("mailbox", `${POD_DIRECTORY}/${PodFolder.Mailbox}`),
        ...Object.keys(accounts).map((file) => mount(`accounts/${file}`, `/etc/${file}`)),
      ],
      rights: { uid: POD_USER_ID, gid: POD_USER_ID, groups: [POD_USER_ID], capabilities: [], noNewPrivileges: true, seccomp: true },
    };
  }

  static async create(image: BuiltImage, network: Network): Promise<ImagePod> {
    const pod = new ImagePod(image, network);
    await makeEmptyDirectory(pod.#place("directory"), { medium: "Memory", sizeLimit: "64Mi" }, POD_USER_ID);
    return pod;
  }

  /** Starts its container, perhaps as somebody else or without some of the mounts. */
  async start(changes: { readonly uid?: number; readonly without?: string } = {}): Promise<ContainerProcess> {
    const { uid = POD_USER_ID, without } = changes;
    this.#container = await ContainerProcess.start(
      {
        ...this.#plan,
        mounts: this.#plan.mounts.filter(({ target }) => target !== without),
        rights: { ...this.#plan.rights, uid },
      },
      { folder: this.#folder, log: this.#log },
    );
    return this.#container;
  }

  /** Makes the mailbox have one file, as kubelet does when the ConfigMap has changed. */
  deliver(file: string, content: string | Buffer): void {
    this.#write("mailbox", { [file]: content }, 0o444);
  }

  /** What a probe says, with its exit code. */
  async probe(program: PodProgram): Promise<string> {
    const { exitCode, output } = await this.run(...podCommand(program));
    return `${exitCode} ${output}`.trim();
  }

  run(...command: readonly string[]): Promise<{ readonly exitCode: number | undefined; readonly output: string }> {
    if (this.#container === undefined) throw new Error("the container has not been started");
    return this.#container.run(command, 30);
  }

  /** The supervisor's status, once there is one. */
  async status(): Promise<{ readonly keySet: { readonly digest: string; readonly refused: unknown } } | undefined> {
    const { exitCode, output } = await this.run("cat", `${POD_DIRECTORY}/run/status.json`);
    return exitCode === 0 ? JSON.parse(output) : undefined;
  }

  get log(): string {
    return readFileSync(this.#log, "utf8");
  }

  async remove(): Promise<void> {
    await this.#container?.stop(1);
    // A process that is about to end may still have a file of it open.
    await run("umount", ["--lazy", this.#place("directory")]);
    rmSync(this.#folder, { recursive: true });
  }

  get #log(): string {
    return this.#place("log");
  }

  #place(name: string): string {
    return join(this.#folder, name);
  }

  #write(volume: string, files: Readonly<Record<string, string | Buffer>>, mode: number): void {
    const entries = Object.entries(files).map(([name, content]) => [name, { content: Buffer.from(content), mode }] as const);
    writeVolume(this.#place(volume), new Map(entries), POD_USER_ID);
  }
}
