import { expect, test } from "vitest";
import { checkPrivateEndpoint } from "../../../components/core/azure/private-endpoint-check.ts";
import {
  defaultRequestMessage,
  PRIVATE_ENDPOINT_DEFAULTS,
  type PrivateEndpointSpec,
} from "../../../components/core/azure/private-endpoint-spec.ts";

const SUBSCRIPTION = "/subscriptions/99999999-8888-7777-6666-555555555555/resourceGroups/data (eu)";
const ID = `${SUBSCRIPTION}/providers/Microsoft.Network`;
const SERVICE = `${ID}/privateLinkServices/orders`;
const ALIAS = "orders.0a1b2c3d-0000-4444-8888-abcdefabcdef.northeurope.azure.privatelinkservice";
const NETWORK = `${ID.replace(" (eu)", "_1")}/virtualNetworks/prod`;
const SUBNET = `${NETWORK}/subnets/endpoints`;

const EXAMPLE_ID = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.Network";
const NO_SERVICE = `expected a Private Link Service: its alias, such as "orders.00000000-0000-0000-0000-000000000000.westeurope.azure.privatelinkservice", or its id, such as "${EXAMPLE_ID}/privateLinkServices/orders"`;

/** What is refused, as `path: reason`. */
const refused = (spec: Partial<PrivateEndpointSpec>, unreadable: readonly string[] = []) =>
  checkPrivateEndpoint({ name: "orders", service: ALIAS, location: "westeurope", ...spec }, new Set(unreadable)).map(
    ({ path, reason }) => `${path}: ${reason}`,
  );

test("a service and a location are enough; what is the default may also be written down; what is missing is passed over", () => {
  expect([refused({}), refused(PRIVATE_ENDPOINT_DEFAULTS), checkPrivateEndpoint({})]).toEqual([[], [], []]);
});

test("everything at once can be right", () => {
  expect(
    refused({
      service: SERVICE.replace(" (eu)", "(eu)"),
      resourceGroup: "acme-prod",
      virtualNetworkId: NETWORK,
      networkCidr: "10.0.7.0/29",
      privateAddress: "10.0.7.4",
      autoApproval: true,
      waitMinutes: 720,
      tags: { "cost center": "42" },
    }),
  ).toEqual([]);
  expect(refused({ subnetId: SUBNET, privateAddress: "192.0.2.1", requestMessage: "é".repeat(140), waitMinutes: 0 })).toEqual([]);
});

test.each([
  ALIAS,
  ALIAS.toUpperCase(),
  `my.service_1.${ALIAS.slice("orders.".length)}`,
  SERVICE.replace(" (eu)", "(eu)"),
  SERVICE.replace(" (eu)", "").replace("resourceGroups", "resourcegroups"),
])("%s is a service", (service) => {
  expect(refused({ service })).toEqual([]);
});

test.each([
  ["", 'got ""'],
  ["orders", 'got "orders"'],
  ["orders.example.com", 'got "orders.example.com"'],
  [`${ALIAS}.`, `got "${ALIAS.slice(0, 56)}…"`],
  [ALIAS.replace("orders.", ""), `got "${ALIAS.slice(7, 63)}…"`],
  [`${SERVICE}\n`, `got "${SERVICE.slice(0, 56)}…"`],
  [SERVICE, `got "${SERVICE.slice(0, 56)}…"`],
  [SERVICE.replace("privateLinkServices", "loadBalancers"), `got "${SERVICE.slice(0, 56)}…"`],
])("%j is no service", (service, got) => {
  expect(refused({ service })).toEqual([`service: ${got}; ${NO_SERVICE}`]);
});

test.each<[Partial<PrivateEndpointSpec>, string[]]>([
  [{ name: "Orders" }, ['name: got "Orders"; a name is 1–40 of a–z, 0–9 and "-", and begins and ends with a letter or digit']],
  [{ location: "West Europe" }, ['location: got "West Europe"; write "westeurope"']],
  [{ virtualNetworkId: NETWORK }, ["networkCidr: is missing; say which addresses of the virtual network the endpoint's subnet gets"]],
  [
    { subnetId: SUBNET, virtualNetworkId: NETWORK },
    ["virtualNetworkId: is for a subnet of the endpoint's own; leave it out, or leave out subnetId"],
  ],
  [
    { subnetId: SUBNET, networkCidr: "10.0.0.0/28" },
    ["networkCidr: is for an endpoint with a subnet of its own; leave it out, or leave out subnetId"],
  ],
  [{ networkCidr: "10.0.0.0/30" }, ['networkCidr: got "10.0.0.0/30"; a subnet has an IPv4 block of /8 to /29, such as "10.255.1.0/28"']],
  [
    { networkCidr: "2001:db8::/64" },
    ['networkCidr: got "2001:db8::/64"; a subnet has an IPv4 block of /8 to /29, such as "10.255.1.0/28"'],
  ],
  [
    { privateAddress: "10.255.1.3" },
    ["privateAddress: got 10.255.1.3; expected an address of 10.255.1.0/28, of which Azure keeps the first four and the last"],
  ],
  [
    { networkCidr: "10.0.0.0/29", privateAddress: "10.0.0.7" },
    ["privateAddress: got 10.0.0.7; expected an address of 10.0.0.0/29, of which Azure keeps the first four and the last"],
  ],
  [{ privateAddress: "here" }, ['privateAddress: got "here"; expected an IPv4 address of the subnet']],
  [{ requestMessage: "" }, ['requestMessage: got ""; expected a text of 1–140 characters, on one line']],
  [{ requestMessage: "a\nb" }, ['requestMessage: got "a\\nb"; expected a text of 1–140 characters, on one line']],
  [{ requestMessage: "x".repeat(141) }, ["requestMessage: got 141 characters; expected a text of 1–140 characters, on one line"]],
  [
    { service: SERVICE.replace(" (eu)", ""), autoApproval: true, requestMessage: "us" },
    ["requestMessage: is for an owner who approves by hand; leave it out, or leave out autoApproval"],
  ],
  [
    { autoApproval: true },
    [
      "autoApproval: needs the ARM id of a service on which you have rights; by its alias, the owner approves by hand: give the id, or leave this out",
    ],
  ],
  [{ autoApproval: false }, []],
  [{ waitMinutes: -1 }, ["waitMinutes: got -1; expected a whole number of minutes, 0–720, where 0 does not wait"]],
  [{ waitMinutes: 721 }, ["waitMinutes: got 721; expected a whole number of minutes, 0–720, where 0 does not wait"]],
  [{ waitMinutes: 1.5 }, ["waitMinutes: got 1.5; expected a whole number of minutes, 0–720, where 0 does not wait"]],
  [{ resourceGroup: "a/b" }, ['resourceGroup: got "a/b"; expected something like "acme-prod"']],
  [
    { virtualNetworkId: "prod", networkCidr: "10.0.0.0/28" },
    [`virtualNetworkId: got "prod"; expected something like "${EXAMPLE_ID}/virtualNetworks/prod"`],
  ],
  [
    { subnetId: NETWORK },
    [`subnetId: got "${NETWORK.slice(0, 56)}…"; expected something like "${EXAMPLE_ID}/virtualNetworks/prod/subnets/endpoints"`],
  ],
  [{ tags: { "a/b": "c" } }, ['tags."a/b": a key is 1–512 characters, and none of "<>%&\\?/"']],
])("%j is refused with the remedy", (spec, reasons) => {
  expect(refused(spec)).toEqual(reasons);
});

test("what comes later is not missed, and still excludes what it excludes", () => {
  expect(refused({ networkCidr: "10.0.0.0/28", privateAddress: "10.9.9.9" }, ["subnetId"])).toEqual([
    "networkCidr: is for an endpoint with a subnet of its own; leave it out, or leave out subnetId",
  ]);
  expect(refused({ privateAddress: "10.9.9.9" }, ["networkCidr"])).toEqual([]);
  expect(refused({}, ["virtualNetworkId"])).toEqual([
    "networkCidr: is missing; say which addresses of the virtual network the endpoint's subnet gets",
  ]);
  expect(refused({ virtualNetworkId: NETWORK }, ["subnetId"])).toEqual([
    "virtualNetworkId: is for a subnet of the endpoint's own; leave it out, or leave out subnetId",
  ]);
});

test("the default message says who asks, and fits", () => {
  expect(defaultRequestMessage("data", "prod", "orders")).toBe("Reverse SSH bastion data/prod/orders");
  expect(refused({ requestMessage: defaultRequestMessage("p".repeat(100), "s".repeat(100), "n") })).toEqual([]);
});
