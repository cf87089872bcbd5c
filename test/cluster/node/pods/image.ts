/** An image that this node has: nothing is ever pulled. */
export interface NodeImage {
  /** As pods name it. */
  readonly reference: string;
  /** Folder of its root file system. */
  readonly root: string;
  /** What runs, as who, where and with what, unless the pod says otherwise. */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** A user's id, perhaps with a group's, as `10001` or `10001:10001`. */
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
}
