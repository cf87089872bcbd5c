import type { DownwardFile, KeyedData, KeySelection, VolumeSource } from "../api/volume.ts";

const DEFAULT_MODE = 0o644;

/** A file of a volume that the API fills. */
export interface VolumeFile {
  readonly content: Buffer;
  readonly mode: number;
}

/** Where the content of volumes comes from. */
export interface VolumeContents {
  readonly configMap: (name: string) => KeyedData | undefined;
  readonly secret: (name: string) => KeyedData | undefined;
  /** Value of a field of the pod, such as `metadata.namespace`. */
  readonly field: (path: string) => string;
  /** A token of the pod's service account. */
  readonly token: (audience: string | undefined) => string;
}

/** Something that a volume or a container needs is not there yet. It is waited for. */
export class NotThereYet extends Error {
  override readonly name = "NotThereYet";
}

/** The files of a volume by their paths, or `undefined` for a volume that begins empty. Throws `NotThereYet`. */
export function volumeFiles(volume: VolumeSource, contents: VolumeContents): Map<string, VolumeFile> | undefined {
  const { configMap, secret, projected, downwardAPI } = volume;
  if (configMap !== undefined) return new Map(keyFiles("configmap", configMap.name, configMap, configMap.defaultMode, contents.configMap));
  if (secret !== undefined) return new Map(keyFiles("secret", secret.secretName, secret, secret.defaultMode, contents.secret));
  if (downwardAPI !== undefined) return new Map(downwardFiles(downwardAPI.items ?? [], downwardAPI.defaultMode, contents));
  if (projected === undefined) return undefined;
  const mode = projected.defaultMode;
  return new Map(
    projected.sources.flatMap(({ configMap, secret, downwardAPI, serviceAccountToken }): [string, VolumeFile][] => [
      ...(configMap === undefined ? [] : keyFiles("configmap", configMap.name, configMap, mode, contents.configMap)),
      ...(secret === undefined ? [] : keyFiles("secret", secret.name, secret, mode, contents.secret)),
      ...(downwardAPI === undefined ? [] : downwardFiles(downwardAPI.items ?? [], mode, contents)),
      ...(serviceAccountToken === undefined
        ? []
        : [
            [
              serviceAccountToken.path,
              { content: Buffer.from(contents.token(serviceAccountToken.audience)), mode: mode ?? DEFAULT_MODE },
            ] satisfies [string, VolumeFile],
          ]),
    ]),
  );
}

/** Every value of a ConfigMap or a Secret. */
export function valuesOf({ kind, data = {}, binaryData = {} }: KeyedData): Map<string, Buffer> {
  const text = Object.entries(data).map(([key, value]): [string, Buffer] => [
    key,
    Buffer.from(value, kind === "Secret" ? "base64" : "utf8"),
  ]);
  return new Map([...text, ...Object.entries(binaryData).map(([key, value]): [string, Buffer] => [key, Buffer.from(value, "base64")])]);
}

function keyFiles(
  word: "configmap" | "secret",
  name: string,
  { items, optional = false }: KeySelection,
  mode: number = DEFAULT_MODE,
  find: (name: string) => KeyedData | undefined,
): [string, VolumeFile][] {
  const object = find(name);
  if (object === undefined) {
    if (optional) return [];
    throw new NotThereYet(`${word} "${name}" not found`);
  }
  const values = valuesOf(object);
  const wanted = items ?? [...values.keys()].map((key) => ({ key, path: key, mode: undefined }));
  return wanted.flatMap(({ key, path, mode: own }): [string, VolumeFile][] => {
    const content = values.get(key);
    if (content !== undefined) return [[path, { content, mode: own ?? mode }]];
    if (optional) return [];
    throw new NotThereYet(`references non-existent ${word} key: ${key}`);
  });
}

function downwardFiles(items: readonly DownwardFile[], mode: number = DEFAULT_MODE, contents: VolumeContents): [string, VolumeFile][] {
  return items.map(({ path, fieldRef, mode: own }) => [
    path,
    { content: Buffer.from(contents.field(fieldRef?.fieldPath ?? "")), mode: own ?? mode },
  ]);
}
