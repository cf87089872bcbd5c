import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { bindPortsKind } from "../../components/provider/bind-ports.ts";
import type { Properties } from "../../components/provider/property-values.ts";

const inputs = (tunnels: readonly { readonly name: string; readonly bindPort?: number }[], changes: Properties = {}): Properties => ({
  range: { first: 15000, last: 15999 },
  reservedPorts: [2222],
  tunnels,
  ...changes,
});
const check = (given: Properties, former: Properties = {}) => bindPortsKind.check?.(given, former);

test("the allocation is made when inputs are checked, so that a preview shows it", () => {
  const given = inputs([{ name: "orders", bindPort: 15001 }, { name: "billing" }, { name: "flow" }]);
  expect(check(given)).toEqual({ inputs: { ...given, bindPorts: { orders: 15001, billing: 15000, flow: 15002 } }, problems: [] });
});

test("an allocation in state is kept when tunnels are added, removed and reordered", () => {
  const former = inputs([], { bindPorts: { orders: 15001, billing: 15000, gone: 15002 } });
  const given = inputs([{ name: "new" }, { name: "billing" }, { name: "orders" }]);
  expect(check(given, former)?.inputs.bindPorts).toEqual({ new: 15003, billing: 15000, orders: 15001 });
});

test("a collision with a tunnel that has its port in state is a problem at the author's path", () => {
  const given = inputs([{ name: "billing" }, { name: "orders", bindPort: 15000 }]);
  expect(check(given, inputs([], { bindPorts: { billing: 15000 } }))).toEqual({
    inputs: given,
    problems: [{ path: "tunnels[1].bindPort", reason: 'tunnel "orders" asks for 15000, which tunnel "billing" has; choose another port' }],
  });
});

test("an exhausted range is a problem that names the tunnel", () => {
  const given = inputs([{ name: "a" }, { name: "b" }], { range: { first: 15000, last: 15000 } });
  expect(check(given)?.problems).toEqual([
    { path: "tunnels[1].bindPort", reason: 'no port is left for tunnel "b": all of 15000–15000 are taken; widen bindPortRange' },
  ]);
});

test("while a preview does not know everything, nothing is allocated", () => {
  const given = inputs([{ name: "a" }], { reservedPorts: [pulumi.runtime.unknownValue] });
  expect(check(given)).toEqual({ inputs: given, problems: [] });
});

test("the allocation survives a state that comes back as JSON, whatever a tunnel is called", () => {
  const given = inputs([{ name: "constructor" }, { name: "a" }]);
  const first = JSON.parse(JSON.stringify(check(given)?.inputs)) as Properties;
  expect(first.bindPorts).toEqual({ constructor: 15000, a: 15001 });
  expect(check(inputs([{ name: "a" }, { name: "constructor" }]), first)?.inputs.bindPorts).toEqual({ constructor: 15000, a: 15001 });
});

test("what was checked is what goes into state, and an update keeps it", async () => {
  const checked = check(inputs([{ name: "a" }]))?.inputs ?? {};
  expect(await bindPortsKind.create(checked)).toEqual({ id: "bind-ports", state: checked });
  const changed = check(inputs([{ name: "a" }, { name: "b" }]), checked)?.inputs ?? {};
  expect(await bindPortsKind.update?.(checked, changed)).toEqual(changed);
});

test("nothing has changed when the same comes back in another order of keys", () => {
  const state = {
    tunnels: [{ name: "a" }],
    bindPorts: { a: 15000, b: 15001 },
    range: { last: 15999, first: 15000 },
    reservedPorts: [2222],
  };
  const same = { range: { first: 15000, last: 15999 }, reservedPorts: [2222], tunnels: [{ name: "a" }], bindPorts: { b: 15001, a: 15000 } };
  expect(bindPortsKind.diff(state, same)).toEqual({ changed: false });
});

test.each([
  ["a tunnel's port", { bindPorts: { a: 15001 } }],
  ["the tunnels", { tunnels: [{ name: "a" }, { name: "b" }] }],
  ["the range", { range: { first: 15000, last: 16000 } }],
  ["a reserved port", { reservedPorts: [2222, 9100] }],
])("a change of %s is an update, never a replacement", (_what, change) => {
  const state = { ...inputs([{ name: "a" }]), bindPorts: { a: 15000 } };
  expect(bindPortsKind.diff(state, { ...state, ...change })).toEqual({ changed: true });
});

test("there is nothing outside of state to read or to remove", () => {
  expect([bindPortsKind.read, bindPortsKind.delete]).toEqual([undefined, undefined]);
});
