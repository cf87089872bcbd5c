import { parseCidr } from "../cidr.ts";
import { checkForms, type Form } from "../form.ts";
import { checkName, renderNameForMessage } from "../name.ts";
import { checkNetworkBlock } from "../network-block.ts";
import type { PartialDeep } from "../partial.ts";
import { type Problem, problemsAt, quoteForMessage } from "../problem.ts";
import { asProblems, each } from "../problem-list.ts";
import { isSameArmId, parseArmId, RESOURCE_GROUP, SUBNET, VIRTUAL_NETWORK } from "./arm-id.ts";
import { checkLocation } from "./azure-location.ts";
import { checkAzureTags } from "./azure-tags.ts";
import { ACTION_GROUP } from "./private-link-id.ts";
import { PRIVATE_LINK_SERVICE_DEFAULTS, type PrivateLinkPortSpec, type PrivateLinkServiceSpec } from "./private-link-service-spec.ts";
import { checkSubscriptions } from "./private-link-visibility.ts";

type PartialService = PartialDeep<PrivateLinkServiceSpec>;

/**
 * Everything in the settings of a Private Link Service that Azure would refuse, or that would not work there.
 *
 * @param unreadable paths of values that were given and are not here; nobody is told that they are missing.
 */
export function checkPrivateLinkService(spec: PartialService, unreadable: ReadonlySet<string> = new Set()): Problem[] {
  return [
    ...asProblems("name", spec.name === undefined ? undefined : checkName(spec.name)),
    ...asProblems("location", spec.location === undefined ? undefined : checkLocation(spec.location)),
    ...checkNatPlace(spec, unreadable),
    ...checkNetworks(spec),
    ...asProblems("natAddressCount", checkNatAddresses(spec)),
    ...checkPorts(spec.ports),
    ...problemsAt("probe", checkProbe(spec.probe ?? {})),
    ...asProblems("idleTimeoutMinutes", checkRange(spec.idleTimeoutMinutes, 4, 30)),
    ...checkSubscriptions(spec, unreadable),
    ...each("alertActionGroupIds", spec.alertActionGroupIds, (id) => asProblems("", checkActionGroup(id))),
    ...checkForms(spec, FORMS),
    ...(spec.tags === undefined ? [] : problemsAt("tags", checkAzureTags(spec.tags))),
  ];
}

const ID = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers";
const NETWORK_EXAMPLE = `${ID}/Microsoft.Network/virtualNetworks/prod`;
const CIDR_EXAMPLE = "10.0.250.0/28";
/** Azure keeps the first four addresses of a subnet and the last. */
const KEPT_ADDRESSES = 5;
const MOST_NAT_ADDRESSES = 8;
const NO_NAT_BLOCK =
  "is missing; say from which addresses of the virtual network consumers' connections are to come, or name a subnet in natSubnetId";

function checkNatPlace({ virtualNetworkId, natSubnetId, natNetworkCidr }: PartialService, unreadable: ReadonlySet<string>): Problem[] {
  const hasNetwork = virtualNetworkId !== undefined || unreadable.has("virtualNetworkId");
  if (natSubnetId !== undefined || unreadable.has("natSubnetId")) {
    const reason = "is for a subnet of the service's own; leave it out, or leave out natSubnetId";
    return [
      ...asProblems("virtualNetworkId", hasNetwork ? reason : undefined),
      ...asProblems("natNetworkCidr", natNetworkCidr === undefined ? undefined : reason),
    ];
  }
  return [
    ...asProblems(
      "virtualNetworkId",
      hasNetwork ? undefined : "is missing; name the virtual network of the machines, or a subnet of it in natSubnetId",
    ),
    ...asProblems("natNetworkCidr", natNetworkCidr === undefined ? NO_NAT_BLOCK : checkNatCidr(natNetworkCidr)),
  ];
}

function checkNatCidr(text: string): string | undefined {
  return checkNetworkBlock(text, { what: "a subnet", shortestPrefix: 8, longestPrefix: 29, example: CIDR_EXAMPLE });
}

/** A load balancer, the machines behind it and the addresses in front of them are all in one virtual network. */
function checkNetworks({ frontendSubnetId, virtualNetworkId, natSubnetId }: PartialService): Problem[] {
  if (frontendSubnetId === undefined || !SUBNET.test(frontendSubnetId)) return [];
  const frontend = networkOf(frontendSubnetId);
  const differ = (what: string, network: string) =>
    isSameArmId(frontend, network)
      ? undefined
      : `${what} ${nameOf(network)}, and frontendSubnetId is in ${nameOf(frontend)}; choose one network`;
  return [
    ...asProblems(
      "virtualNetworkId",
      virtualNetworkId !== undefined && VIRTUAL_NETWORK.test(virtualNetworkId) ? differ("is", virtualNetworkId) : undefined,
    ),
    ...asProblems(
      "natSubnetId",
      natSubnetId !== undefined && SUBNET.test(natSubnetId) ? differ("is in", networkOf(natSubnetId)) : undefined,
    ),
  ];
}

function networkOf(subnetId: string): string {
  return subnetId.slice(0, subnetId.toLowerCase().lastIndexOf("/subnets/"));
}

function nameOf(networkId: string): string {
  const { resourceGroup, names } = parseArmId(networkId);
  return `${resourceGroup}/${names[0]}`;
}

function checkNatAddresses({ natAddressCount = PRIVATE_LINK_SERVICE_DEFAULTS.natAddressCount, natNetworkCidr }: PartialService) {
  const reason = checkRange(natAddressCount, 1, MOST_NAT_ADDRESSES);
  if (reason !== undefined || natNetworkCidr === undefined || checkNatCidr(natNetworkCidr) !== undefined) return reason;
  const room = 2 ** (32 - parseCidr(natNetworkCidr).prefixLength) - KEPT_ADDRESSES;
  if (natAddressCount <= room) return undefined;
  return `got ${natAddressCount}; ${natNetworkCidr} has room for ${room}, as Azure keeps five: ask for fewer, or give a larger block`;
}

function checkPorts(ports: PartialService["ports"]): Problem[] {
  if (ports?.length === 0) return [{ path: "ports", reason: "is empty; name at least one port that consumers reach" }];
  return [...each("ports", ports, checkPort), ...each("ports", ports, (port, index) => checkDistinct(port, ports?.slice(0, index) ?? []))];
}

function checkPort({ name, port, probePort }: PartialDeep<PrivateLinkPortSpec>): Problem[] {
  return [
    ...asProblems("name", name === undefined ? undefined : checkName(name)),
    // Azure's own limit for what a load balancer listens on is one below the usual.
    ...asProblems("port", checkRange(port, 1, 65534)),
    ...asProblems("probePort", checkRange(probePort, 1, 65535)),
  ];
}

function checkDistinct(
  { name, port }: PartialDeep<PrivateLinkPortSpec>,
  before: readonly (PartialDeep<PrivateLinkPortSpec> | undefined)[],
): Problem[] {
  const sameName = name !== undefined && before.some((other) => other?.name === name);
  const samePort = port === undefined ? undefined : before.find((other) => other?.port === port);
  return [
    ...asProblems("name", sameName ? `${renderNameForMessage(name)} is another port's name too; each has its own` : undefined),
    ...asProblems(
      "port",
      samePort === undefined ? undefined : `${port} is listed already, as ${renderNameForMessage(samePort.name ?? "")}`,
    ),
  ];
}

function checkProbe({ intervalSeconds, failureCount }: NonNullable<PartialService["probe"]>): Problem[] {
  return [
    ...asProblems("intervalSeconds", checkRange(intervalSeconds, 5, 300)),
    ...asProblems("failureCount", checkRange(failureCount, 1, 20)),
  ];
}

function checkRange(value: number | undefined, least: number, most: number): string | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return undefined;
  return `got ${value}; expected a whole number, ${least}–${most}`;
}

function checkActionGroup(id: string): string | undefined {
  if (ACTION_GROUP.test(id)) return undefined;
  return `got ${quoteForMessage(id)}; expected something like "${ID}/Microsoft.Insights/actionGroups/on-call"`;
}

const FORMS = {
  resourceGroup: { pattern: RESOURCE_GROUP, example: "acme-prod" },
  virtualNetworkId: { pattern: VIRTUAL_NETWORK, example: NETWORK_EXAMPLE },
  frontendSubnetId: { pattern: SUBNET, example: `${NETWORK_EXAMPLE}/subnets/databases` },
  natSubnetId: { pattern: SUBNET, example: `${NETWORK_EXAMPLE}/subnets/private-link` },
} as const satisfies Partial<Record<keyof PrivateLinkServiceSpec, Form>>;
