import type { ApiConnection } from "../api-transport.ts";
import type { NodeImage } from "./pods/image.ts";

/** What a node is told when it starts. */
export interface NodeDeclaration {
  /** In the name of an administrator. */
  readonly connection: ApiConnection;
  /** Folder of what containers print, a file for each: `NAMESPACE_POD_CONTAINER.log`. */
  readonly logs: string;
  readonly images: readonly NodeImage[];
  /** Block of the Services' addresses. */
  readonly serviceBlock: string;
  readonly dnsAddress: string;
}
