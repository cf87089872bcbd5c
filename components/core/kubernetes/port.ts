/** Why nothing in a cluster can have this port, or `undefined` if it can. */
export function checkPort(port: number): string | undefined {
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? undefined : `got ${port}; allowed is 1–65535`;
}
