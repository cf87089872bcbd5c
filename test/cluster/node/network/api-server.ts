import type { Service } from "../api/service.ts";

/** Port of the node behind which the API server is: what a network policy sees of it. */
export const API_SERVER_PORT = 6443;
/** Port of the Service `kubernetes`, which pods know it by. */
export const API_SERVICE_PORT = 443;

/** Address of the Service `kubernetes`, once the API server has made it. */
export function apiServerAddress(services: readonly Service[]): string | undefined {
  return services.find(({ metadata }) => metadata.namespace === "default" && metadata.name === "kubernetes")?.spec.clusterIP;
}
