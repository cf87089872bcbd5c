/** An answer of the metadata service; a text goes out as it is, everything else as JSON. */
export interface MetadataAnswer {
  readonly status: number;
  readonly body: unknown;
}
