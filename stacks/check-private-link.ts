import { checkPrivateEndpoint } from "../components/core/azure/private-endpoint-check.ts";
import { checkPrivateLinkService } from "../components/core/azure/private-link-service-check.ts";
import type { PartialDeep } from "../components/core/partial.ts";
import { type Problem, quoteForMessage } from "../components/core/problem.ts";
import { asProblems, each } from "../components/core/problem-list.ts";
import { checkNames } from "../components/core/unique-names.ts";
import type { PrivateLinkFile } from "./customer-file.ts";

/** What of a customer's file is about Azure Private Link. Some of it may be missing. */
export type PartialPrivateLink = PartialDeep<Omit<PrivateLinkFile, "target">>;

/** Longer ones would not fit into the names of resources. */
const LONGEST_NAME = 40;

/**
 * Everything that is wrong with the private endpoints and Private Link Services of a file.
 *
 * @param unreadable paths of values that were given and taken out; nobody is told that they are missing.
 */
export function checkPrivateLink(file: PartialPrivateLink, unreadable: ReadonlySet<string>): Problem[] {
  const below = (list: string, index: number) => {
    const prefix = `${list}[${index}].`;
    return new Set([...unreadable].flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : [])));
  };
  const checkLength = (name: string | undefined) => asProblems("name", checkFullName(file.customer, name));
  const { privateEndpoints, privateLinkServices } = file;
  return [
    ...checkNames("privateEndpoints", privateEndpoints),
    ...checkNames("privateLinkServices", privateLinkServices),
    ...each("privateEndpoints", privateEndpoints, (spec, i) => [
      ...checkLength(spec.name),
      ...checkPrivateEndpoint(withoutName(spec), below("privateEndpoints", i)),
    ]),
    ...each("privateLinkServices", privateLinkServices, (spec, i) => [
      ...checkLength(spec.name),
      ...checkPrivateLinkService(withoutName(spec), below("privateLinkServices", i)),
    ]),
  ];
}

/** Everything that is wrong with a file that has nothing but Private Link. */
export function checkPrivateLinkFile(file: PartialPrivateLink, unreadable: ReadonlySet<string>): Problem[] {
  const isGiven = ["privateEndpoints", "privateLinkServices"].some((list) => unreadable.has(list));
  const hasNone = (file.privateEndpoints ?? []).length + (file.privateLinkServices ?? []).length === 0;
  const nothing = hasNone && !isGiven ? "nothing would be made; name privateEndpoints, privateLinkServices, or another target" : undefined;
  return [...asProblems("target", nothing), ...checkPrivateLink(file, unreadable)];
}

/** Names are checked together, once. */
function withoutName<Spec extends { readonly name?: string | undefined }>({ name: _name, ...spec }: Spec): Omit<Spec, "name"> {
  return spec;
}

/** Resources are named after the customer and the end: whoever looks at a subscription has to know whose they are. */
function checkFullName(customer: string | undefined, name: string | undefined): string | undefined {
  if (customer === undefined || name === undefined) return undefined;
  const length = customer.length + 1 + name.length;
  if (length <= LONGEST_NAME || Math.max(customer.length, name.length) > LONGEST_NAME) return undefined;
  return `got ${quoteForMessage(name)}; with the customer's name it has ${length} characters, and ${LONGEST_NAME} are allowed`;
}
