import type { PartialDeep } from "../partial.ts";
import { type Problem, quoteForMessage } from "../problem.ts";
import { asProblems, each } from "../problem-list.ts";
import { SUBSCRIPTION_ID } from "./private-link-id.ts";
import type { PrivateLinkServiceSettings } from "./private-link-service-spec.ts";

type Subscriptions = PartialDeep<Pick<PrivateLinkServiceSettings, "visibility" | "autoApproval">>;
type List = readonly (string | undefined)[];

/** All subscriptions there are. */
const EVERYBODY = "*";

/** Everything that is wrong with who may connect to a Private Link Service, and with who may without asking. */
export function checkSubscriptions({ visibility, autoApproval }: Subscriptions, unreadable: ReadonlySet<string>): Problem[] {
  // Who cannot be read may be the very one that is asked for.
  const isKnown = ![...unreadable].some((path) => path.startsWith("visibility"));
  return [
    ...checkList("visibility", visibility),
    ...checkList("autoApproval", autoApproval),
    ...(isKnown ? each("autoApproval", autoApproval, (subscription) => asProblems("", checkVisible(subscription, visibility ?? []))) : []),
  ];
}

function checkList(path: string, list: List | undefined): Problem[] {
  const isMixed = list !== undefined && list.length > 1 && list.includes(EVERYBODY);
  return [
    ...asProblems(path, isMixed ? '"*" is everybody; name it alone, or leave it out' : undefined),
    ...each(path, list, (subscription) => asProblems("", checkSubscription(subscription))),
  ];
}

function checkSubscription(subscription: string): string | undefined {
  if (subscription === EVERYBODY || SUBSCRIPTION_ID.test(subscription)) return undefined;
  return `got ${quoteForMessage(subscription)}; expected a subscription's id such as "00000000-0000-0000-0000-000000000000", or "*"`;
}

function checkVisible(subscription: string, visibility: List): string | undefined {
  if (checkSubscription(subscription) !== undefined || visibility.includes(EVERYBODY)) return undefined;
  if (visibility.some((visible) => visible?.toLowerCase() === subscription.toLowerCase())) return undefined;
  return `${quoteForMessage(subscription)} is not in visibility, so it could not ask in the first place; add it there`;
}
