/** Metrics that Prometheus itself has of every target. */
export const METRICS_OF_PROMETHEUS = ["up"];

/** Names of the metrics that PromQL asks for. */
export function metricsIn(expressions: readonly string[]): string[] {
  const names = expressions.flatMap((expr) => expr.match(/\breverse_bastion_\w+|\bup(?=\{)/g) ?? []);
  return [...new Set(names)].sort();
}

/** Names of the metrics in Prometheus' text format. */
export function servedMetrics(text: string): string[] {
  return [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = ""]) => name).sort();
}
