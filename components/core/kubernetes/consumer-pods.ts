import type { OtherConsumers } from "../check-bastion.ts";
import type { PartialDeep } from "../partial.ts";
import { type Problem, problemsAt } from "../problem.ts";
import { asProblems } from "../problem-list.ts";
import { checkLabels } from "./labels.ts";

/** Pods of the cluster that use tunnels. With labels of both kinds, a pod needs both. */
export interface ConsumerPods {
  /**
   * Labels of their namespaces. A namespace's own name is its label `kubernetes.io/metadata.name`.
   *
   * @default - the bastion's own namespace
   */
  readonly namespaceLabels?: Readonly<Record<string, string>> | undefined;
  /**
   * Pods of whatever namespace. Together with `podLabels`, those that have them; alone, every pod of the cluster.
   *
   * @default false
   */
  readonly allNamespaces?: boolean | undefined;
  /**
   * Labels of the pods.
   *
   * @default - all pods of those namespaces
   */
  readonly podLabels?: Readonly<Record<string, string>> | undefined;
}

/** Everything that is wrong with a selection of pods. */
export function checkConsumerPods({ namespaceLabels, allNamespaces, podLabels }: PartialDeep<ConsumerPods>): Problem[] {
  const both = "stands beside namespaceLabels; give one of the two";
  return [
    ...asProblems("", namespaceLabels === undefined && podLabels === undefined && allNamespaces !== true ? NOBODY_SAID : undefined),
    ...asProblems("allNamespaces", allNamespaces === true && namespaceLabels !== undefined ? both : undefined),
    ...(namespaceLabels === undefined ? [] : problemsAt("namespaceLabels", checkSelector(namespaceLabels))),
    ...(podLabels === undefined ? [] : problemsAt("podLabels", checkSelector(podLabels))),
  ];
}

const NOBODY_SAID =
  "is empty, and an empty selector would match every pod; give namespaceLabels or podLabels, or write allNamespaces: true if every pod of the cluster is meant";

/** For an API server, no labels are all labels. */
function checkSelector(labels: Readonly<Record<string, string | undefined>>): Problem[] {
  if (Object.keys(labels).length > 0) return checkLabels(labels);
  return [
    { path: "", reason: "is empty, so everything would match; name a label, or write allNamespaces: true if all namespaces are meant" },
  ];
}

/** What selected pods are for the check of a bastion. */
export function podConsumers(pods: readonly unknown[] | undefined): OtherConsumers {
  return { remedy: "select pods in consumerPods", areGiven: (pods ?? []).length > 0 };
}
