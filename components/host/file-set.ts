/** A file of a bastion. */
export interface HostFile {
  /** Relative to the bastion's directory. */
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}
