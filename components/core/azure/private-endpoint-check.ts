import { checkForms, type Form } from "../form.ts";
import { checkName } from "../name.ts";
import { checkNetworkBlock } from "../network-block.ts";
import type { PartialDeep } from "../partial.ts";
import { checkPrivateAddress } from "../private-address.ts";
import { type Problem, problemsAt, quoteForMessage } from "../problem.ts";
import { asProblems } from "../problem-list.ts";
import { RESOURCE_GROUP, SUBNET, VIRTUAL_NETWORK } from "./arm-id.ts";
import { checkLocation } from "./azure-location.ts";
import { checkAzureTags } from "./azure-tags.ts";
import { MOST_MESSAGE_CHARACTERS, PRIVATE_ENDPOINT_DEFAULTS, type PrivateEndpointSpec } from "./private-endpoint-spec.ts";
import { PRIVATE_LINK_ALIAS, PRIVATE_LINK_SERVICE } from "./private-link-id.ts";

type PartialEndpoint = PartialDeep<PrivateEndpointSpec>;

/**
 * Everything in the settings of a private endpoint that Azure would refuse, or that would not work there.
 *
 * @param unreadable paths of values that were given and are not here; nobody is told that they are missing.
 */
export function checkPrivateEndpoint(spec: PartialEndpoint, unreadable: ReadonlySet<string> = new Set()): Problem[] {
  return [
    ...asProblems("name", spec.name === undefined ? undefined : checkName(spec.name)),
    ...asProblems("service", spec.service === undefined ? undefined : checkService(spec.service)),
    ...asProblems("location", spec.location === undefined ? undefined : checkLocation(spec.location)),
    ...checkPlace(spec, unreadable),
    ...asProblems("privateAddress", checkAddress(spec, unreadable)),
    ...asProblems("requestMessage", checkRequestMessage(spec)),
    ...asProblems("autoApproval", checkAutoApproval(spec)),
    ...asProblems("waitMinutes", checkWait(spec.waitMinutes)),
    ...checkForms(spec, FORMS),
    ...(spec.tags === undefined ? [] : problemsAt("tags", checkAzureTags(spec.tags))),
  ];
}

const ID = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.Network";
const ALIAS_EXAMPLE = "orders.00000000-0000-0000-0000-000000000000.westeurope.azure.privatelinkservice";

function checkService(service: string): string | undefined {
  if (PRIVATE_LINK_SERVICE.test(service) || PRIVATE_LINK_ALIAS.test(service)) return undefined;
  return `got ${quoteForMessage(service)}; expected a Private Link Service: its alias, such as "${ALIAS_EXAMPLE}", or its id, such as "${ID}/privateLinkServices/orders"`;
}

function checkPlace({ virtualNetworkId, subnetId, networkCidr }: PartialEndpoint, unreadable: ReadonlySet<string>): Problem[] {
  const hasSubnet = subnetId !== undefined || unreadable.has("subnetId");
  const hasNetwork = virtualNetworkId !== undefined || unreadable.has("virtualNetworkId");
  const bothPlaces = hasSubnet && hasNetwork;
  const noBlock = !hasSubnet && hasNetwork && networkCidr === undefined;
  return [
    ...asProblems(
      "virtualNetworkId",
      bothPlaces ? "is for a subnet of the endpoint's own; leave it out, or leave out subnetId" : undefined,
    ),
    ...asProblems(
      "networkCidr",
      noBlock
        ? "is missing; say which addresses of the virtual network the endpoint's subnet gets"
        : networkCidr === undefined
          ? undefined
          : checkNetworkCidr(networkCidr, hasSubnet),
    ),
  ];
}

function checkNetworkCidr(text: string, hasSubnet: boolean): string | undefined {
  if (hasSubnet) return "is for an endpoint with a subnet of its own; leave it out, or leave out subnetId";
  return checkNetworkBlock(text, {
    what: "a subnet",
    shortestPrefix: 8,
    longestPrefix: 29,
    example: PRIVATE_ENDPOINT_DEFAULTS.networkCidr,
  });
}

const KEPT_ADDRESSES = { first: 4, last: 1, words: "Azure keeps the first four and the last" };

function checkAddress(
  { privateAddress, subnetId, networkCidr = PRIVATE_ENDPOINT_DEFAULTS.networkCidr }: PartialEndpoint,
  unreadable: ReadonlySet<string>,
): string | undefined {
  if (privateAddress === undefined) return undefined;
  // The block of an existing subnet is known to Azure only.
  const isOwn = subnetId === undefined && !unreadable.has("subnetId") && !unreadable.has("networkCidr");
  const isKnown = isOwn && checkNetworkCidr(networkCidr, false) === undefined;
  return checkPrivateAddress(privateAddress, isKnown ? networkCidr : undefined, KEPT_ADDRESSES);
}

function checkRequestMessage({ requestMessage, autoApproval }: PartialEndpoint): string | undefined {
  if (requestMessage === undefined) return undefined;
  if (autoApproval === true) return "is for an owner who approves by hand; leave it out, or leave out autoApproval";
  if (/^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(requestMessage) && requestMessage.length <= MOST_MESSAGE_CHARACTERS) return undefined;
  const got = requestMessage.length > MOST_MESSAGE_CHARACTERS ? `${requestMessage.length} characters` : quoteForMessage(requestMessage);
  return `got ${got}; expected a text of 1–${MOST_MESSAGE_CHARACTERS} characters, on one line`;
}

function checkAutoApproval({ autoApproval, service }: PartialEndpoint): string | undefined {
  if (autoApproval !== true || service === undefined || !PRIVATE_LINK_ALIAS.test(service)) return undefined;
  return "needs the ARM id of a service on which you have rights; by its alias, the owner approves by hand: give the id, or leave this out";
}

function checkWait(minutes: number | undefined): string | undefined {
  if (minutes === undefined || (Number.isInteger(minutes) && minutes >= 0 && minutes <= 720)) return undefined;
  return `got ${minutes}; expected a whole number of minutes, 0–720, where 0 does not wait`;
}

const FORMS = {
  resourceGroup: { pattern: RESOURCE_GROUP, example: "acme-prod" },
  virtualNetworkId: { pattern: VIRTUAL_NETWORK, example: `${ID}/virtualNetworks/prod` },
  subnetId: { pattern: SUBNET, example: `${ID}/virtualNetworks/prod/subnets/endpoints` },
} as const satisfies Partial<Record<keyof PrivateEndpointSpec, Form>>;
