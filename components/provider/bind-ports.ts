import { allocateBindPorts, type BindPortRange, type BindPortRequest } from "../core/bind-port.ts";
import { InvalidInputError } from "../core/problem.ts";
import { hasUnknown, type Properties } from "./property-values.ts";
import type { ResourceKind } from "./resource-kind.ts";

/**
 * Which tunnel has which bind port. The allocation is made when inputs are checked, the way the engine names
 * resources by itself: a preview shows the ports, and they are part of the inputs in state.
 */
export const bindPortsKind: ResourceKind = {
  check(inputs, former) {
    if (hasUnknown(inputs)) return { inputs, problems: [] };
    try {
      const bindPorts = allocateBindPorts({
        range: inputs.range as BindPortRange,
        requests: inputs.tunnels as BindPortRequest[],
        reservedPorts: inputs.reservedPorts as number[],
        previous: (former.bindPorts ?? {}) as Record<string, number>,
      });
      return { inputs: { ...inputs, bindPorts }, problems: [] };
    } catch (error) {
      if (error instanceof InvalidInputError) return { inputs, problems: error.problems };
      throw error;
    }
  },

  diff(state, inputs) {
    return { changed: !sameAllocation(state, inputs) };
  },

  async create(inputs) {
    return { id: "bind-ports", state: inputs };
  },

  async update(_state, inputs) {
    return inputs;
  },
};

function sameAllocation(state: Properties, inputs: Properties): boolean {
  const facts = ({ range, reservedPorts, bindPorts, tunnels }: Properties) =>
    JSON.stringify([sorted(range), reservedPorts, sorted(bindPorts), tunnels]);
  return facts(state) === facts(inputs);
}

function sorted(value: unknown): unknown {
  return Object.entries((value ?? {}) as object).sort(([a], [b]) => (a < b ? -1 : 1));
}
