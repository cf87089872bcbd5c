import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** The bastion's image as a node has it. */
export interface BuiltImage {
  /** Folder of its root file system. To be read only: others use it at the same time. */
  readonly root: string;
  readonly entrypoint: readonly string[];
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Every path in every layer. */
  readonly paths: readonly string[];
  /** Its software bill of materials. */
  readonly sbom: SoftwareBillOfMaterials;
}

export interface SoftwareBillOfMaterials {
  readonly spdxVersion: string;
  readonly name: string;
  readonly packages: readonly {
    readonly name: string;
    readonly versionInfo?: string;
    readonly externalRefs?: readonly { readonly referenceLocator: string }[];
  }[];
}

const ARCHITECTURE = process.arch === "x64" ? "amd64" : process.arch;

/** Builds the image by its own recipe, unless that has been done before. The first time takes a minute or two. */
export async function buildImage(): Promise<BuiltImage> {
  const { stdout } = await promisify(execFile)("sh", [join(import.meta.dirname, "image.sh")], { maxBuffer: 2 ** 26 });
  const folder = stdout.trim();
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const { OCIv1 } = JSON.parse(read("image.json")) as {
    readonly OCIv1: {
      readonly config: {
        readonly User: string;
        readonly Entrypoint: string[];
        readonly Env: string[];
        readonly Labels: Record<string, string>;
      };
    };
  };
  const { User: user, Entrypoint: entrypoint, Env, Labels: labels } = OCIv1.config;
  return {
    root: join(folder, "rootfs"),
    entrypoint,
    user,
    environment: Object.fromEntries(Env.map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string])),
    labels,
    paths: read("paths").trim().split("\n"),
    sbom: JSON.parse(read(`reverse-bastion-linux-${ARCHITECTURE}.spdx.json`)) as SoftwareBillOfMaterials,
  };
}

/** Programs that building the image takes, and this machine does not have. */
export function missingImagePrograms(): string[] {
  return ["buildah", "mmdebstrap", "unshare"].filter((program) => {
    try {
      execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
      return false;
    } catch {
      return true;
    }
  });
}
