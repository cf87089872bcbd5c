/** Renders ports as few ranges: `15000-15002`, `15010`. In order, each once. */
export function renderPortRanges(ports: readonly number[]): string[] {
  const sorted = [...new Set(ports)].sort((a, b) => a - b);
  const starts = sorted.filter((port, i) => port !== (sorted[i - 1] ?? Number.NaN) + 1);
  return starts.map((first, i) => {
    const next = starts[i + 1];
    const last = next === undefined ? (sorted.at(-1) ?? first) : (sorted[sorted.indexOf(next) - 1] ?? first);
    return first === last ? `${first}` : `${first}-${last}`;
  });
}
