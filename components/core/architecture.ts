/** Processor architectures. */
export const Architecture = { Arm64: "arm64", X86_64: "x86_64" } as const;
export type Architecture = (typeof Architecture)[keyof typeof Architecture];

/** A size of machine, as its author wrote it. */
export interface SizedMachine {
  /** The setting it is written in. */
  readonly setting: string;
  readonly size: string;
  readonly architecture: Architecture;
}

/** Says that an image cannot run on a machine of this size. */
export function renderMismatch(imageArchitecture: string, { setting, size, architecture }: SizedMachine): string {
  return `the image is for ${imageArchitecture} and ${size} is ${architecture}; choose an image or ${withArticle(setting)} of the same architecture`;
}

function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
