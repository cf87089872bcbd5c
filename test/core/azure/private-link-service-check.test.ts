import { expect, test } from "vitest";
import { checkPrivateLinkService } from "../../../components/core/azure/private-link-service-check.ts";
import type { PrivateLinkServiceSpec } from "../../../components/core/azure/private-link-service-spec.ts";

const SUBSCRIPTION = "99999999-8888-7777-6666-555555555555";
const OTHER = "0a1b2c3d-0000-4444-8888-abcdefabcdef";
const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/hub_1/providers/Microsoft.Network/virtualNetworks/prod`;
const FRONTEND = `${NETWORK}/subnets/databases`;
const NAT = `${NETWORK}/subnets/private-link`;
const EXAMPLE = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers";
const OWN = { virtualNetworkId: NETWORK, natNetworkCidr: "10.0.250.0/28" };
const POSTGRES = { name: "postgres", port: 5432 };

/** What is refused, as `path: reason`. */
const refused = (spec: Partial<PrivateLinkServiceSpec>, unreadable: readonly string[] = []) =>
  checkPrivateLinkService(
    { name: "orders", location: "westeurope", frontendSubnetId: FRONTEND, ports: [POSTGRES], ...spec },
    new Set(unreadable),
  ).map(({ path, reason }) => `${path}: ${reason}`);

test("a place and a port are enough, and everything at once can be right", () => {
  expect(refused(OWN)).toEqual([]);
  expect(
    refused({
      resourceGroup: "acme-prod",
      natSubnetId: NAT.toUpperCase(),
      natAddressCount: 8,
      ports: [POSTGRES, { name: "mysql", port: 1, probePort: 65535 }, { name: "last", port: 65534, probePort: 1 }],
      probe: { intervalSeconds: 300, failureCount: 20 },
      idleTimeoutMinutes: 4,
      visibility: [SUBSCRIPTION, OTHER],
      autoApproval: [OTHER.toUpperCase()],
      alertActionGroupIds: [`/subscriptions/${SUBSCRIPTION}/resourceGroups/ops/providers/microsoft.insights/actionGroups/on call`],
      tags: { "cost center": "42" },
    }),
  ).toEqual([]);
  expect(refused({ ...OWN, visibility: ["*"], autoApproval: ["*"], probe: {}, alertActionGroupIds: [] })).toEqual([]);
  expect(refused({ ...OWN, visibility: ["*"], autoApproval: [OTHER] })).toEqual([]);
  expect(refused({ ...OWN, natNetworkCidr: "10.0.250.0/29", natAddressCount: 3 })).toEqual([]);
});

const FOR_OWN = "is for a subnet of the service's own; leave it out, or leave out natSubnetId";
const NO_NETWORK = "virtualNetworkId: is missing; name the virtual network of the machines, or a subnet of it in natSubnetId";
const NO_BLOCK =
  "natNetworkCidr: is missing; say from which addresses of the virtual network consumers' connections are to come, or name a subnet in natSubnetId";
const NO_SUBSCRIPTION = 'expected a subscription\'s id such as "00000000-0000-0000-0000-000000000000", or "*"';

test.each<[Partial<PrivateLinkServiceSpec>, string[]]>([
  [{}, [NO_NETWORK, NO_BLOCK]],
  [{ virtualNetworkId: NETWORK }, [NO_BLOCK]],
  [{ natNetworkCidr: "10.0.0.0/28" }, [NO_NETWORK]],
  [{ ...OWN, natSubnetId: NAT }, [`virtualNetworkId: ${FOR_OWN}`, `natNetworkCidr: ${FOR_OWN}`]],
  [
    { ...OWN, natNetworkCidr: "10.0.0.0/30" },
    ['natNetworkCidr: got "10.0.0.0/30"; a subnet has an IPv4 block of /8 to /29, such as "10.0.250.0/28"'],
  ],
  [
    { ...OWN, virtualNetworkId: NETWORK.replace("/prod", "/dev") },
    ["virtualNetworkId: is hub_1/dev, and frontendSubnetId is in hub_1/prod; choose one network"],
  ],
  [
    { natSubnetId: NAT.replace("hub_1", "spoke_2") },
    ["natSubnetId: is in spoke_2/prod, and frontendSubnetId is in hub_1/prod; choose one network"],
  ],
  [{ ...OWN, natAddressCount: 0 }, ["natAddressCount: got 0; expected a whole number, 1–8"]],
  [{ ...OWN, natAddressCount: 9 }, ["natAddressCount: got 9; expected a whole number, 1–8"]],
  [
    { ...OWN, natNetworkCidr: "10.0.0.0/29", natAddressCount: 4 },
    ["natAddressCount: got 4; 10.0.0.0/29 has room for 3, as Azure keeps five: ask for fewer, or give a larger block"],
  ],
  [{ ...OWN, ports: [] }, ["ports: is empty; name at least one port that consumers reach"]],
  [{ ...OWN, ports: [{ name: "a", port: 65535 }] }, ["ports[0].port: got 65535; expected a whole number, 1–65534"]],
  [{ ...OWN, ports: [{ name: "a", port: 0 }] }, ["ports[0].port: got 0; expected a whole number, 1–65534"]],
  [{ ...OWN, ports: [{ ...POSTGRES, probePort: 65536 }] }, ["ports[0].probePort: got 65536; expected a whole number, 1–65535"]],
  [
    { ...OWN, ports: [{ name: "A b", port: 1 }] },
    ['ports[0].name: got "A b"; a name is 1–40 of a–z, 0–9 and "-", and begins and ends with a letter or digit'],
  ],
  [
    { ...OWN, ports: [POSTGRES, { name: "postgres", port: 5433 }, { name: "again", port: 5432 }] },
    ["ports[1].name: postgres is another port's name too; each has its own", "ports[2].port: 5432 is listed already, as postgres"],
  ],
  [
    { ...OWN, probe: { intervalSeconds: 4, failureCount: 0 } },
    ["probe.intervalSeconds: got 4; expected a whole number, 5–300", "probe.failureCount: got 0; expected a whole number, 1–20"],
  ],
  [{ ...OWN, idleTimeoutMinutes: 31 }, ["idleTimeoutMinutes: got 31; expected a whole number, 4–30"]],
  [{ ...OWN, idleTimeoutMinutes: 3 }, ["idleTimeoutMinutes: got 3; expected a whole number, 4–30"]],
  [{ ...OWN, visibility: ["*", OTHER] }, ['visibility: "*" is everybody; name it alone, or leave it out']],
  [{ ...OWN, visibility: ["all"] }, [`visibility[0]: got "all"; ${NO_SUBSCRIPTION}`]],
  [
    { ...OWN, visibility: [SUBSCRIPTION], autoApproval: [OTHER, "*", "x"] },
    [
      'autoApproval: "*" is everybody; name it alone, or leave it out',
      `autoApproval[2]: got "x"; ${NO_SUBSCRIPTION}`,
      `autoApproval[0]: "${OTHER}" is not in visibility, so it could not ask in the first place; add it there`,
      'autoApproval[1]: "*" is not in visibility, so it could not ask in the first place; add it there',
    ],
  ],
  [
    { ...OWN, autoApproval: [OTHER] },
    [`autoApproval[0]: "${OTHER}" is not in visibility, so it could not ask in the first place; add it there`],
  ],
  [
    { ...OWN, alertActionGroupIds: ["on-call"] },
    [`alertActionGroupIds[0]: got "on-call"; expected something like "${EXAMPLE}/Microsoft.Insights/actionGroups/on-call"`],
  ],
  [{ ...OWN, location: "westeurope-1" }, ['location: got "westeurope-1"; expected a location such as "westeurope"']],
  [
    { ...OWN, frontendSubnetId: "databases" },
    [`frontendSubnetId: got "databases"; expected something like "${EXAMPLE}/Microsoft.Network/virtualNetworks/prod/subnets/databases"`],
  ],
  [
    { natSubnetId: "nat" },
    [`natSubnetId: got "nat"; expected something like "${EXAMPLE}/Microsoft.Network/virtualNetworks/prod/subnets/private-link"`],
  ],
  [{ ...OWN, tags: { "": "x" } }, ['tags."": a key is 1–512 characters, and none of "<>%&\\?/"']],
])("%j is refused with the remedy", (spec, reasons) => {
  expect(refused(spec)).toEqual(reasons);
});

test("what comes later is not missed, and still excludes what it excludes", () => {
  expect(refused({ natNetworkCidr: "10.0.0.0/28" }, ["virtualNetworkId"])).toEqual([]);
  expect(refused({}, ["natSubnetId"])).toEqual([]);
  expect(refused({ ...OWN, autoApproval: [OTHER] }, ["visibility[0]"])).toEqual([]);
  expect(refused(OWN, ["natSubnetId"])).toEqual([`virtualNetworkId: ${FOR_OWN}`, `natNetworkCidr: ${FOR_OWN}`]);
});
