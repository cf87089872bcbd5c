/** Parses an option that may be given several times: commander hands over what was given before. */
export function repeatable(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
