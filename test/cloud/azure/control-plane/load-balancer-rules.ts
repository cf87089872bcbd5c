import { ApiError } from "../../world/provider/api.ts";
import { object, objects } from "../../world/records.ts";
import type { WorldRecord } from "../../world/world.ts";
import { isSameId, referenceIn } from "./arm-id.ts";
import { refuseAbsentReference } from "./names.ts";

const LARGEST_PORT = 65_535;
const IDLE_TIMEOUT_MINUTES = { least: 4, most: 30 };
const SHORTEST_PROBE_INTERVAL_SECONDS = 5;
const PROBE_THRESHOLD = { least: 1, most: 100 };
const PROBES_WITH_A_PATH = ["http", "https"];

/** Refuses rules and probes of a load balancer that Azure refuses, its parts having got their ids. */
export function refuseRules(id: string, balancer: WorldRecord): void {
  for (const parts of ["frontendIPConfigurations", "backendAddressPools", "probes", "loadBalancingRules"]) refuseTwins(id, balancer, parts);
  for (const probe of objects(balancer, "probes")) refuseProbe(probe);
  for (const rule of objects(balancer, "loadBalancingRules")) refuseRule(id, balancer, rule);
  refuseCollisions(objects(balancer, "loadBalancingRules"));
}

/** The backend pools of a rule: it may name one, or a list. */
export function poolsOf(rule: WorldRecord): string[] {
  const named = [object(rule, "backendAddressPool"), ...objects(rule, "backendAddressPools")];
  return named.flatMap((one) => (typeof one?.id === "string" ? [one.id] : []));
}

function refuseTwins(id: string, balancer: WorldRecord, parts: string): void {
  const names = objects(balancer, parts).map(({ name }) => String(name).toLowerCase());
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined)
    throw new ApiError("InvalidRequestFormat", `Additional details: duplicate name '${twin}' in ${parts} of load balancer ${id}.`);
}

function refuseProbe(probe: WorldRecord): void {
  const { intervalInSeconds, name, port, probeThreshold, protocol, requestPath } = probe;
  const what = `Probe '${String(name)}'`;
  refuseRange("ProbePortOutOfRange", `${what}: port`, port, 1, LARGEST_PORT);
  if (intervalInSeconds !== undefined)
    refuseRange("ProbeIntervalOutOfRange", `${what}: intervalInSeconds`, intervalInSeconds, SHORTEST_PROBE_INTERVAL_SECONDS, 2 ** 31 - 1);
  if (probeThreshold !== undefined)
    refuseRange("ProbeThresholdOutOfRange", `${what}: probeThreshold`, probeThreshold, PROBE_THRESHOLD.least, PROBE_THRESHOLD.most);
  const hasPath = typeof requestPath === "string" && requestPath !== "";
  if (PROBES_WITH_A_PATH.includes(String(protocol).toLowerCase()) !== hasPath)
    throw new ApiError(
      "ProbeRequestPathInvalid",
      `${what}: requestPath is required if the protocol is Http or Https, and not allowed if it is Tcp.`,
    );
}

function refuseRule(id: string, balancer: WorldRecord, rule: WorldRecord): void {
  const what = `Load balancing rule '${String(rule.name)}'`;
  const user = `${id}/loadBalancingRules/${String(rule.name)}`;
  refuseRange("LoadBalancingRulePortOutOfRange", `${what}: frontendPort`, rule.frontendPort, 1, LARGEST_PORT);
  if (rule.backendPort !== undefined)
    refuseRange("LoadBalancingRulePortOutOfRange", `${what}: backendPort`, rule.backendPort, 1, LARGEST_PORT);
  if (rule.idleTimeoutInMinutes !== undefined) {
    const { least, most } = IDLE_TIMEOUT_MINUTES;
    refuseRange("LoadBalancingRuleIdleTimeoutOutOfRange", `${what}: idleTimeoutInMinutes`, rule.idleTimeoutInMinutes, least, most);
  }
  const has = (parts: string, one: unknown) => objects(balancer, parts).some((part) => isSameId(part.id, one));
  const frontend = referenceIn(rule, "frontendIPConfiguration");
  if (!has("frontendIPConfigurations", frontend)) refuseAbsentReference(frontend, user);
  for (const pool of poolsOf(rule)) if (!has("backendAddressPools", pool)) refuseAbsentReference(pool, user);
  const probe = referenceIn(rule, "probe");
  if (probe !== undefined && !has("probes", probe)) refuseAbsentReference(probe, user);
}

/** A port of a frontend is one rule's, and so is a port of a pool's machines, unless the frontend's address floats to them. */
function refuseCollisions(rules: readonly WorldRecord[]): void {
  rules.forEach((rule, index) => {
    for (const other of rules.slice(0, index)) {
      if (rule.protocol !== other.protocol) continue;
      const names = `${String(other.name)} and ${String(rule.name)}`;
      const sharesFrontend = isSameId(referenceIn(rule, "frontendIPConfiguration"), referenceIn(other, "frontendIPConfiguration"));
      if (sharesFrontend && rule.frontendPort === other.frontendPort)
        throw new ApiError(
          "RulesUseSameFrontendPortProtocolAndIPConfig",
          `Load balancing rules ${names} use the same frontend port ${String(rule.frontendPort)}, protocol ${String(rule.protocol)} and IP configuration.`,
        );
      const sharesPool = poolsOf(rule).some((pool) => poolsOf(other).some((one) => isSameId(one, pool)));
      const floats = rule.enableFloatingIP === true && other.enableFloatingIP === true;
      if (sharesPool && !floats && backendPortOf(rule) === backendPortOf(other))
        throw new ApiError(
          "RulesUseSameBackendPortProtocolAndPool",
          `Load balancing rules ${names} use the same backend port ${backendPortOf(rule)}, protocol ${String(rule.protocol)} and backend address pool.`,
        );
    }
  });
}

function backendPortOf({ backendPort, frontendPort }: WorldRecord): number {
  return Number(backendPort ?? frontendPort);
}

function refuseRange(code: string, what: string, value: unknown, least: number, most: number): void {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return;
  throw new ApiError(code, `${what} has the value ${String(value)}, which is not in the range ${least} to ${most}.`);
}
