import type { PartialDeep } from "../partial.ts";
import { type Problem, problemsAt, quoteForMessage } from "../problem.ts";
import { asProblems, each } from "../problem-list.ts";
import { KUBERNETES_DEFAULTS } from "./kubernetes-defaults.ts";
import type { KubernetesSpec, PodResources, PodToleration, ResourceAmounts } from "./kubernetes-spec.ts";
import { checkKey, checkLabels, checkLabelValue } from "./labels.ts";
import { checkObjectName } from "./object-name.ts";

type Placement = PartialDeep<
  Pick<KubernetesSpec, "resources" | "priorityClassName" | "tolerations" | "nodeSelector" | "podDisruptionBudget">
>;

/** Everything that is wrong with where a bastion's pod runs, and what it gets there. */
export function checkPlacement({ resources, priorityClassName, tolerations, nodeSelector, podDisruptionBudget }: Placement): Problem[] {
  return [
    ...(resources === undefined ? [] : problemsAt("resources", checkResources(resources))),
    ...asProblems("priorityClassName", priorityClassName === undefined ? undefined : checkObjectName(priorityClassName)),
    ...each("tolerations", tolerations, checkToleration),
    ...(nodeSelector === undefined ? [] : problemsAt("nodeSelector", checkLabels(nodeSelector))),
    ...asProblems("podDisruptionBudget.maxUnavailable", checkMaxUnavailable(podDisruptionBudget?.maxUnavailable)),
  ];
}

/** Amounts by their resource: those that were given, and the defaults. */
export interface FilledResources {
  readonly requests: Record<string, string>;
  readonly limits: Record<string, string>;
}

/** What a pod is promised and may take, with every default filled in. */
export function resourcesOf({ requests, limits }: PartialDeep<PodResources> = {}): FilledResources {
  return { requests: fill(KUBERNETES_DEFAULTS.requests, requests), limits: fill(KUBERNETES_DEFAULTS.limits, limits) };
}

function fill(defaults: ResourceAmounts, amounts: PartialDeep<ResourceAmounts> | undefined): Record<string, string> {
  const entries = [...Object.entries(defaults), ...Object.entries(amounts ?? {})];
  return Object.fromEntries(entries.flatMap(([name, amount]) => (amount === undefined ? [] : [[name, amount]])));
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};
const QUANTITY = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti|)$/;
/** Less than this, and the supervisor does not even start. */
const LEAST_MEMORY = 64 * 2 ** 20;

function checkResources(resources: PartialDeep<PodResources>): Problem[] {
  const { requests, limits } = resourcesOf(resources);
  const syntax = [...problemsAt("requests", checkAmounts(resources.requests)), ...problemsAt("limits", checkAmounts(resources.limits))];
  if (syntax.length > 0) return syntax;
  return (["cpu", "memory"] as const).flatMap((name) => {
    const [request, limit] = [amountOf(requests[name]), amountOf(limits[name])];
    if (name === "memory" && limit !== undefined && limit < LEAST_MEMORY)
      return asProblems(
        "limits.memory",
        `got ${quoteForMessage(limits.memory)}; at least 64Mi is needed, and 2Mi for each connected client`,
      );
    if (request === undefined || limit === undefined || request <= limit) return [];
    return asProblems(`requests.${name}`, `is ${requests[name]}, more than the limit of ${limits[name]}; raise the limit, or request less`);
  });
}

function checkAmounts(amounts: PartialDeep<ResourceAmounts> | undefined): Problem[] {
  return (["cpu", "memory"] as const).flatMap((name) => {
    const amount = amounts?.[name];
    if (amount === undefined || (QUANTITY.test(amount) && amountOf(amount) !== 0)) return [];
    return asProblems(name, `got ${quoteForMessage(amount)}; expected an amount such as "${name === "cpu" ? "250m" : "256Mi"}"`);
  });
}

function amountOf(quantity: string | undefined): number | undefined {
  const [, number, unit = ""] = QUANTITY.exec(quantity ?? "") ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit] ?? 1);
}

function checkToleration({ key, operator = "Equal", value }: PartialDeep<PodToleration>): Problem[] {
  const everything = 'is missing; name the taint\'s key, or write "operator: Exists" to put up with every taint';
  const noValue = 'goes with the operator "Equal"; leave it out';
  return [
    ...asProblems("key", key === undefined ? (operator === "Equal" ? everything : undefined) : checkKey(key)),
    ...asProblems("value", value === undefined ? undefined : operator === "Exists" ? noValue : checkLabelValue(value)),
  ];
}

/** With one pod, a budget says no more than yes or no. */
function checkMaxUnavailable(maxUnavailable: number | undefined): string | undefined {
  if (maxUnavailable === undefined || maxUnavailable === 0 || maxUnavailable === 1) return undefined;
  return `got ${maxUnavailable}; a bastion has one pod: 1 lets a drain move it, 0 makes the drain wait`;
}
