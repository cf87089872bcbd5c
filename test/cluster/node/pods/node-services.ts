import type { ApiClient } from "../../api.ts";
import type { Pod } from "../api/pod.ts";
import type { Service } from "../api/service.ts";
import type { KeyedData } from "../api/volume.ts";
import type { AddressPool } from "../network/addresses.ts";
import type { NodeImage } from "./image.ts";

/** What a node does for all of its pods. */
export interface NodeServices {
  readonly api: ApiClient;
  readonly images: ReadonlyMap<string, NodeImage>;
  /** Folder of pods' volumes. It is the node's own, and ends with it. */
  readonly folder: string;
  /** Folder of what containers print. */
  readonly logs: string;
  readonly nodeAddress: string;
  readonly dnsAddress: string;
  readonly podAddresses: AddressPool;
  readonly configMap: (namespace: string, name: string) => KeyedData | undefined;
  readonly secret: (namespace: string, name: string) => KeyedData | undefined;
  readonly services: () => readonly Service[];
  /** Resolves when the network's rules know every pod that is connected. */
  readonly applyRules: () => Promise<void>;
  /** Shortens waiting: something that may have been missing has come. */
  readonly nextChange: (limitMs: number, signal: AbortSignal) => Promise<void>;
  readonly report: (pod: Pod, error: unknown) => void;
}
