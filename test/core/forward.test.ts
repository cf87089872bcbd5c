import { expect, test } from "vitest";
import { listenPatterns, loopbackHostOf, openPatterns, placeTunnels, requestedBindAddress } from "../../components/core/forward.ts";
import { EXAMPLE_BIND_PORTS, exampleBastion, exampleTunnels } from "../support/bastions.ts";

const [orders, , flow, audit] = exampleTunnels() as [
  ReturnType<typeof exampleTunnels>[number],
  unknown,
  ReturnType<typeof exampleTunnels>[number],
  ReturnType<typeof exampleTunnels>[number],
];

test("tunnels get the ports that were allocated to their names, whatever else was allocated", () => {
  const { tunnels } = exampleBastion();
  const placed = placeTunnels(tunnels, { other: 15009, ...EXAMPLE_BIND_PORTS });
  expect(placed).toEqual(tunnels.map((tunnel, i) => ({ ...tunnel, bindPort: [15000, 15001, 8080, 15002][i] })));
});

test("a tunnel without a port is an error and not a wrong port", () => {
  const { tunnels } = exampleBastion({ tunnels: [{ name: "constructor" }], clients: [], consumers: [] });
  expect(() => placeTunnels(tunnels, {})).toThrow(new RangeError('no bind port was allocated to tunnel "constructor"'));
  expect(() => placeTunnels(exampleBastion().tunnels, { orders: 15000 })).toThrow(
    new RangeError('no bind port was allocated to tunnel "billing"'),
  );
});

test("a tunnel on all interfaces is held by its port alone: clients spell the wildcard in four ways", () => {
  expect(listenPatterns(orders)).toEqual(["15000"]);
  expect(openPatterns(orders)).toEqual(["localhost:15000", "127.0.0.1:15000"]);
  expect([requestedBindAddress(orders.bindAddress), loopbackHostOf(orders.bindAddress)]).toEqual(["0.0.0.0:", "localhost"]);
});

test("a tunnel on loopback is held to both names of loopback, and asked for without an address", () => {
  expect(listenPatterns(flow)).toEqual(["localhost:8080", "127.0.0.1:8080"]);
  expect(openPatterns(flow)).toEqual(["localhost:8080", "127.0.0.1:8080"]);
  expect([requestedBindAddress(flow.bindAddress), loopbackHostOf(flow.bindAddress)]).toEqual(["", "localhost"]);
});

test("a tunnel on one address is held to that one", () => {
  expect(listenPatterns(audit)).toEqual(["203.0.113.2:15002"]);
  expect(openPatterns(audit)).toEqual(["203.0.113.2:15002"]);
  expect([requestedBindAddress(audit.bindAddress), loopbackHostOf(audit.bindAddress)]).toEqual(["203.0.113.2:", "203.0.113.2"]);
});
