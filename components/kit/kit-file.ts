/** One file of a kit. */
export interface KitFile {
  /** Inside the kit's folder, with `/`. */
  readonly path: string;
  readonly content: string;
  /** 0o644, or 0o755 for what is run. */
  readonly mode: number;
}
