import type { ApiObject } from "../../api-objects.ts";

/** A ConfigMap or a Secret. Of a Secret, `data` is base64, as `binaryData` is of both. */
export interface KeyedData extends ApiObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** A file in a volume: which key it has, and where. */
export interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number;
}

/** Which keys of an object become files; all of them without `items`. */
export interface KeySelection {
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

export interface DownwardFile {
  readonly path: string;
  readonly fieldRef?: { readonly fieldPath: string };
  readonly mode?: number;
}

export interface ProjectedSource {
  readonly configMap?: KeySelection & { readonly name: string };
  readonly secret?: KeySelection & { readonly name: string };
  readonly downwardAPI?: { readonly items?: readonly DownwardFile[] };
  readonly serviceAccountToken?: { readonly path: string; readonly audience?: string; readonly expirationSeconds?: number };
}

/** What a volume is made of; one of them. */
export interface VolumeSource {
  readonly configMap?: KeySelection & { readonly name: string; readonly defaultMode?: number };
  readonly secret?: KeySelection & { readonly secretName: string; readonly defaultMode?: number };
  readonly projected?: { readonly sources: readonly ProjectedSource[]; readonly defaultMode?: number };
  readonly downwardAPI?: { readonly items?: readonly DownwardFile[]; readonly defaultMode?: number };
  readonly emptyDir?: { readonly medium?: "" | "Memory"; readonly sizeLimit?: string };
}
