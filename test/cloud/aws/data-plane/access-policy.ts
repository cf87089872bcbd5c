import { objects, recordsOf, text } from "../../world/records.ts";
import type { WorldState } from "../../world/world.ts";
import { TYPE } from "../control-plane/types.ts";

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: unknown;
  readonly Resource?: string | readonly string[];
  readonly NotResource?: unknown;
  readonly Condition?: unknown;
}

/** Whether a role's own policies allow an action on a resource: something allows it, and nothing denies it. */
export function isAllowed(state: WorldState, roleName: string, action: string, resource: string): boolean {
  const effects = statementsOf(state, roleName)
    .filter((statement) => matchesAny(statement.Action, action.toLowerCase(), (pattern) => pattern.toLowerCase()))
    .filter((statement) => matchesAny(statement.Resource, resource, (pattern) => pattern))
    .map((statement) => statement.Effect);
  return effects.includes("Allow") && !effects.includes("Deny");
}

function statementsOf(state: WorldState, roleName: string): Statement[] {
  const role = recordsOf(state, TYPE.role).find(([id, one]) => [id, one.name].includes(roleName))?.[1];
  const documents = [
    ...objects(role, "inlinePolicies").map((policy) => text(policy, "policy")),
    ...recordsOf(state, TYPE.rolePolicy).flatMap(([, policy]) => (policy.role === roleName ? [text(policy, "policy")] : [])),
  ];
  return documents.filter((document) => document !== undefined).flatMap(parse);
}

function parse(document: string): readonly Statement[] {
  const { Statement: statements } = JSON.parse(document) as { Statement: Statement | readonly Statement[] };
  const all = Array.isArray(statements) ? (statements as readonly Statement[]) : [statements as Statement];
  for (const { Condition, NotAction, NotResource } of all)
    if (Condition !== undefined || NotAction !== undefined || NotResource !== undefined)
      throw new Error("the stand-in judges only Effect, Action and Resource of a statement");
  return all;
}

function matchesAny(patterns: Statement["Action"], value: string, normalise: (pattern: string) => string): boolean {
  return [patterns ?? []].flat().some((pattern) => wildcard(normalise(pattern)).test(value));
}

/** `*` stands for any characters, `?` for one. */
function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
}
