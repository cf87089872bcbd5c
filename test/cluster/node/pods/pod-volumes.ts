import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { run } from "../../../cloud/machine/command.ts";
import { SERVICE_ACCOUNT, TOKEN_REQUEST } from "../api/kinds.ts";
import type { Container, Pod, Volume } from "../api/pod.ts";
import { renderHosts, renderResolvConf } from "../network/hosts-file.ts";
import { writeVolume } from "../volumes/atomic-writer.ts";
import { makeEmptyDirectory } from "../volumes/empty-directory.ts";
import { NotThereYet, type VolumeContents, volumeFiles } from "../volumes/volume-files.ts";
import type { PlannedMount } from "./container-plan.ts";
import type { NodeServices } from "./node-services.ts";

/** The files of a pod: its volumes, and what every container has in `/etc`. */
export class PodVolumes {
  readonly folder: string;
  readonly hostname: string;
  readonly #pod: Pod;
  readonly #node: NodeServices;
  readonly #tokens = new Map<string, string>();
  readonly #mounted = new Set<string>();
  #address = "";

  constructor(pod: Pod, node: NodeServices) {
    this.#pod = pod;
    this.#node = node;
    this.folder = join(node.folder, pod.metadata.uid ?? "");
    this.hostname = pod.spec.hostname ?? pod.metadata.name ?? "";
  }

  /** Where the API's part of volumes and variables comes from. */
  get contents(): VolumeContents {
    const { namespace = "" } = this.#pod.metadata;
    return {
      configMap: (name) => this.#node.configMap(namespace, name),
      secret: (name) => this.#node.secret(namespace, name),
      field: (path) => fieldOf(this.#pod, path, { podIP: this.#address, hostIP: this.#node.nodeAddress }),
      token: (audience = "") => {
        const token = this.#tokens.get(audience);
        if (token === undefined) throw new NotThereYet("no token yet");
        return token;
      },
    };
  }

  /** Makes every volume that can be made yet. Throws `NotThereYet` for the first that cannot; what is made stays. */
  async mount(address: string): Promise<void> {
    this.#address = address;
    mkdirSync(join(this.folder, "volumes"), { recursive: true, mode: 0o755 });
    this.#writeEtc();
    await this.#askForTokens();
    for (const { name, emptyDir } of this.#volumes) {
      if (emptyDir === undefined || this.#mounted.has(name)) continue;
      await makeEmptyDirectory(this.#folderOf(name), emptyDir, this.#fsGroup);
      this.#mounted.add(name);
    }
    for (const volume of this.#volumes) this.#fill(volume);
  }

  /**
   * Brings the volumes to what the API has now. Kubelet takes up to a minute for that, which is shortened here. What has been
   * deleted meanwhile stays as it was, as it does there.
   */
  refresh(): void {
    if (existsSync(join(this.folder, "hosts"))) this.#writeHosts();
    for (const volume of this.#volumes) {
      if (!this.#mounted.has(volume.name)) continue;
      try {
        this.#fill(volume);
      } catch (error) {
        if (!(error instanceof NotThereYet)) throw error;
      }
    }
  }

  /** What a container sees of them. */
  mountsOf(container: Container): PlannedMount[] {
    const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, subPath, readOnly = false }) => {
      const { emptyDir } = this.#volumes.find((volume) => volume.name === name) ?? {};
      const folder = this.#folderOf(name);
      const source = subPath === undefined ? folder : resolveSubPath(folder, subPath, emptyDir !== undefined);
      return { source, target: mountPath, isReadOnly: readOnly || emptyDir === undefined };
    });
    const etc = ["hosts", "resolv.conf", "hostname"].map((file) => ({
      source: join(this.folder, file),
      target: `/etc/${file}`,
      isReadOnly: container.securityContext?.readOnlyRootFilesystem ?? false,
    }));
    return [...etc.filter(({ target }) => !mounts.some((mount) => mount.target === target)), ...mounts];
  }

  /** Removes them all. */
  async remove(): Promise<void> {
    for (const { name, emptyDir } of this.#volumes)
      if (emptyDir?.medium === "Memory" && this.#mounted.has(name)) await run("umount", [this.#folderOf(name)]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #volumes(): readonly Volume[] {
    return this.#pod.spec.volumes ?? [];
  }

  get #fsGroup(): number | undefined {
    return this.#pod.spec.securityContext?.fsGroup;
  }

  #folderOf(volume: string): string {
    return join(this.folder, "volumes", volume);
  }

  #fill(volume: Volume): void {
    const folder = this.#folderOf(volume.name);
    try {
      const files = volumeFiles(volume, this.contents);
      if (files === undefined) return;
      mkdirSync(folder, { recursive: true });
      if (this.#fsGroup !== undefined) chownSync(folder, 0, this.#fsGroup);
      chmodSync(folder, this.#fsGroup === undefined ? 0o777 : 0o2777);
      writeVolume(folder, files, this.#fsGroup);
      this.#mounted.add(volume.name);
    } catch (error) {
      if (!(error instanceof NotThereYet)) throw error;
      throw new NotThereYet(`MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`);
    }
  }

  #writeEtc(): void {
    writeFileSync(join(this.folder, "hostname"), `${this.hostname}\n`);
    writeFileSync(join(this.folder, "resolv.conf"), renderResolvConf(this.#pod.metadata.namespace ?? "", this.#node.dnsAddress));
    this.#writeHosts();
  }

  /** In its place, which containers have mounted, and never empty on the way. */
  #writeHosts(): void {
    const text = renderHosts(this.hostname, this.#address, this.#pod.metadata.namespace ?? "", this.#node.services());
    const path = join(this.folder, "hosts");
    const file = openSync(path, existsSync(path) ? "r+" : "w", 0o644);
    writeSync(file, text, 0);
    ftruncateSync(file, Buffer.byteLength(text));
    closeSync(file);
  }

  /** Once for each audience: a token outlives every test. */
  async #askForTokens(): Promise<void> {
    const { namespace = "", name = "", uid } = this.#pod.metadata;
    const sources = this.#volumes.flatMap(({ projected }) => projected?.sources ?? []);
    for (const { serviceAccountToken } of sources) {
      if (serviceAccountToken === undefined) continue;
      const { audience = "", expirationSeconds } = serviceAccountToken;
      if (this.#tokens.has(audience)) continue;
      const spec = {
        audiences: audience === "" ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
      };
      const metadata = { namespace, name: this.#pod.spec.serviceAccountName ?? "default" };
      const answer = await this.#node.api.create({ ...TOKEN_REQUEST, metadata, spec }, { subresource: "token" }, SERVICE_ACCOUNT);
      this.#tokens.set(audience, (answer as unknown as { readonly status: { readonly token: string } }).status.token);
    }
  }
}

/** The file or folder itself, not a link to it: what it is then is what a container keeps, whatever becomes of the volume. */
function resolveSubPath(folder: string, subPath: string, mayBeMade: boolean): string {
  const place = join(folder, subPath);
  if (mayBeMade && !existsSync(place)) mkdirSync(place, { recursive: true });
  if (!existsSync(place)) throw new NotThereYet(`failed to prepare subPath for volumeMount: ${subPath} is not there`);
  const real = realpathSync(place);
  if (!real.startsWith(`${realpathSync(folder)}/`)) throw new Error(`subPath ${subPath} leads out of its volume`);
  return real;
}

function fieldOf(pod: Pod, path: string, status: { readonly podIP: string; readonly hostIP: string }): string {
  const { metadata, spec } = pod;
  const [, map, key = ""] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (map !== undefined) return metadata[map as "labels" | "annotations"]?.[key] ?? "";
  const fields: Readonly<Record<string, string | undefined>> = {
    "metadata.name": metadata.name,
    "metadata.namespace": metadata.namespace,
    "metadata.uid": metadata.uid,
    "spec.nodeName": spec.nodeName,
    "spec.serviceAccountName": spec.serviceAccountName,
    "status.podIP": status.podIP,
    "status.hostIP": status.hostIP,
  };
  const value = fields[path];
  if (value === undefined) throw new Error(`this node does not know the field ${path}`);
  return value;
}
