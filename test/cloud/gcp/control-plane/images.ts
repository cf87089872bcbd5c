import { ApiError } from "../../world/provider/api.ts";
import type { WorldState } from "../../world/world.ts";
import { COMPUTE } from "./project.ts";
import { DEBIAN, type Image, seedsOf, UBUNTU } from "./seeds.ts";

/** Projects of public images, by how their families' names begin: what the provider knows by itself. */
const PUBLIC: Readonly<Record<string, string>> = { debian: DEBIAN, ubuntu: UBUNTU };

/** The image that a boot disk's `image` means: an image or a family, as a link, a part of one, or `project/name`. */
export function resolveImage(state: WorldState, reference: string): Image {
  const { images } = seedsOf(state);
  const path = reference.replace(/^https:\/\/[^/]+\/compute\/[^/]+\//, "");
  const [, project, isFamily, name] =
    /^projects\/([^/]+)\/global\/images\/(family\/)?([^/]+)$/.exec(path) ?? /^([^/]+)\/()([^/]+)$/.exec(path) ?? bare(path);
  const candidates = images.filter((image) => image.project === project);
  const found =
    (isFamily ? undefined : candidates.find((image) => image.name === name)) ??
    (isFamily || !path.startsWith("projects/") ? newest(candidates.filter(({ family }) => family === name)) : undefined);
  if (found === undefined) throw new ApiError("", `error resolving image name '${reference}': Could not find image or family ${reference}`);
  return found;
}

function bare(path: string): string[] {
  return [path, PUBLIC[path.split("-")[0] ?? ""] ?? "", "", path];
}

/** The image that was published last. */
export function newest(images: readonly Image[]): Image | undefined {
  return [...images].sort((a, b) => a.creationTimestamp.localeCompare(b.creationTimestamp)).at(-1);
}

export function imageLink({ project, name }: Image): string {
  return `${COMPUTE}projects/${project}/global/images/${name}`;
}

/** Whether the image a disk was made from is of the family that is asked for: a newer image is no change. */
export function isOfFamily(actual: unknown, asked: unknown): boolean {
  const [link, reference] = [String(actual), String(asked)];
  if (link === reference || (reference !== "" && link.endsWith(`/${reference}`))) return true;
  const name = link.split("/").at(-1) ?? "";
  const last = reference.split("/").at(-1) ?? "";
  if (last === name) return true;
  // A name of an image ends with its version; `lts` is in the names of Ubuntu's families only.
  if (/-v\d+$/.test(last) || !/-v\d+$/.test(name)) return false;
  const words = last.split("-").filter((word) => word !== "lts");
  const isArm = (text: string) => text.includes("arm64");
  return isArm(name) === isArm(last) && words.every((word) => name.split("-").includes(word));
}
