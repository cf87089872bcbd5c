import { expect, test } from "vitest";
import {
  DISK_ENCRYPTION_SET,
  DNS_ZONE,
  IMAGE,
  isSameArmId,
  PRIVATE_DNS_ZONE,
  parseArmId,
  RESOURCE_GROUP,
  SUBNET,
  VIRTUAL_NETWORK,
} from "../../../components/core/azure/arm-id.ts";

const SUBSCRIPTION_ID = "11111111-2222-3333-4444-555555555555";
const GROUP = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/net (prod)`;
const idOf = (type: string) => `${GROUP}/providers/${type}`;

test.each([
  [VIRTUAL_NETWORK, "Microsoft.Network/virtualNetworks/prod", ["prod"]],
  [SUBNET, "Microsoft.Network/virtualNetworks/prod/subnets/bastions_1", ["prod", "bastions_1"]],
  [IMAGE, "Microsoft.Compute/galleries/our.images/images/hardened/versions/1.0.0", ["our.images", "hardened", "1.0.0"]],
  [IMAGE, "Microsoft.Compute/images/hardened", ["hardened"]],
  [DISK_ENCRYPTION_SET, "Microsoft.Compute/diskEncryptionSets/keys", ["keys"]],
  [DNS_ZONE, "Microsoft.Network/dnszones/ssh.example.com", ["ssh.example.com"]],
  [DNS_ZONE, "Microsoft.Network/privateDnsZones/ssh.example.com", ["ssh.example.com"]],
  [PRIVATE_DNS_ZONE, "Microsoft.Network/privateDnsZones/inside", ["inside"]],
])("%s is the form of %s", (pattern, path, names) => {
  const id = idOf(path).replace("net (prod)", "net_(prod)");
  expect(pattern.test(id)).toBe(true);
  // Azure itself writes them now one way, now another.
  expect(pattern.test(id.replace("resourceGroups", "resourcegroups").replace("Microsoft.", "microsoft."))).toBe(true);
  expect(parseArmId(id)).toEqual({ subscriptionId: SUBSCRIPTION_ID, resourceGroup: "net_(prod)", names });
});

const NETWORK = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/prod`;

test.each([
  "prod",
  ` ${NETWORK}`,
  `${NETWORK}\n`,
  `${NETWORK}/`,
  `${NETWORK}/subnets/a`,
  NETWORK.replace("net/", "net./"),
  NETWORK.replace("virtualNetworks", "virtualNetwork"),
  NETWORK.replace("Microsoft.", "Microsoft_"),
  NETWORK.replace(SUBSCRIPTION_ID, "prod"),
  NETWORK.replace("net/", "net\u001b[2J/"),
])("%j is no virtual network", (id) => {
  expect(VIRTUAL_NETWORK.test(id)).toBe(false);
});

test("a network is no subnet, and a public zone no private one", () => {
  expect([SUBNET.test(NETWORK), PRIVATE_DNS_ZONE.test(idOf("Microsoft.Network/dnszones/a").replace("net (prod)", "net"))]).toEqual([
    false,
    false,
  ]);
});

test.each([
  ["acme-prod", true],
  ["Größe_(1).x", true],
  ["a".repeat(90), true],
  ["a".repeat(91), false],
  ["ends.", false],
  ["with blank", false],
  ["", false],
])("%j is a resource group: %s", (name, expected) => {
  expect(RESOURCE_GROUP.test(name)).toBe(expected);
});

test("ids are compared as Azure does", () => {
  expect([isSameArmId(NETWORK, NETWORK.toUpperCase()), isSameArmId(NETWORK, `${NETWORK}2`)]).toEqual([true, false]);
});
