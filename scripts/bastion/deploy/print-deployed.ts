import { BASTION, PULUMI } from "../invocation.ts";
import { parseOutputs } from "../parse-outputs.ts";
import type { Emphasize } from "../terminal.ts";
import type { Deployed } from "./deploy.ts";
import { renderChanges, renderSeconds } from "./progress.ts";

/** Renders what was done, and what comes next, for a person. */
export function renderDeployed(deployed: Deployed, emphasize: Emphasize): string {
  const { operation, stack, isNew, changes, durationMs } = deployed;
  const done = { up: "is up", preview: "would change", destroy: "is destroyed" }[operation];
  const summary = `${emphasize("bold", `${stack} ${done}`)}: ${renderChanges(changes, operation)}, in ${renderSeconds(durationMs)}\n`;
  if (operation === "preview") return `${summary}${isNew ? "The stack is new, and empty.\n" : ""}${next(`${BASTION} up ${stack}`)}`;
  if (operation === "destroy") return `${summary}Its stack stays, without resources. To remove that too:\n  ${PULUMI} stack rm ${stack}\n`;
  const bastion = bastionOf(deployed);
  if (bastion === undefined) return `${summary}${next(`${PULUMI} stack output --stack ${stack}`)}`;
  const kits = bastion.clients.map((client) => `${BASTION} kit ${stack} --client ${client}`);
  return `${summary}Clients dial ${emphasize("green", bastion.endpoint)}\n${next(...(kits.length > 0 ? kits : [`${BASTION} outputs ${stack}`]))}`;
}

/** What was done as plain data: of the outputs only their names. */
export function describeDeployed(deployed: Deployed) {
  const { operation, stack, isNew, changes, durationMs, outputs } = deployed;
  const endpoint = bastionOf(deployed)?.endpoint;
  return {
    operation,
    stack,
    isNew,
    changes,
    durationSeconds: Math.round(durationMs / 100) / 10,
    ...(operation === "up" ? { outputs: Object.keys(outputs).toSorted() } : {}),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

/** What a stack with a bastion has; one may have nothing but Private Link. */
function bastionOf({ stack, outputs }: Deployed): { readonly endpoint: string; readonly clients: readonly string[] } | undefined {
  if (outputs.endpoint === undefined) return undefined;
  const { bastion } = parseOutputs(stack, outputs);
  return { endpoint: bastion.endpoint, clients: bastion.clients.map(({ name }) => name) };
}

function next(...commands: readonly string[]): string {
  return `Next:\n${commands.map((command) => `  ${command}\n`).join("")}`;
}
