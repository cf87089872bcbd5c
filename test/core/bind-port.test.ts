import fc from "fast-check";
import { expect, test } from "vitest";
import {
  allocateBindPorts,
  type BindPortAllocationInput,
  type BindPortRequest,
  checkBindPort,
  DEFAULT_BIND_PORT_RANGE,
} from "../../components/core/bind-port.ts";
import { InvalidInputError } from "../../components/core/problem.ts";
import { problemsOf } from "../support/problems.ts";

const range = { first: 15000, last: 15003 };

function allocate(requests: readonly BindPortRequest[], rest: Partial<BindPortAllocationInput> = {}): Record<string, number> {
  return allocateBindPorts({ range, requests, reservedPorts: [2222], previous: {}, ...rest });
}

const named = (...names: readonly string[]): BindPortRequest[] => names.map((name) => ({ name }));

test("the range is 15000 to 15999 unless the author says otherwise", () => {
  expect(DEFAULT_BIND_PORT_RANGE).toEqual({ first: 15000, last: 15999 });
});

test("tunnels get the lowest free ports, in the author's order", () => {
  expect(allocate(named("a", "b", "c"))).toEqual({ a: 15000, b: 15001, c: 15002 });
});

test("both ends of the range are handed out", () => {
  expect(allocate(named("a", "b", "c", "d"))).toEqual({ a: 15000, b: 15001, c: 15002, d: 15003 });
});

test("no tunnels, no ports", () => {
  expect(allocate([], { previous: { a: 15000 } })).toEqual({});
});

test("a port the author insists on is taken as it is, also outside of the range", () => {
  expect(allocate([{ name: "a" }, { name: "b", bindPort: 15000 }, { name: "c", bindPort: 8080 }])).toEqual({ a: 15001, b: 15000, c: 8080 });
});

test("a tunnel keeps its port when others come, go and move", () => {
  const previous = { a: 15002, b: 15000 };
  expect(allocate(named("z", "b", "y", "a"), { previous })).toEqual({ z: 15001, b: 15000, y: 15003, a: 15002 });
  expect(allocate(named("a"), { previous })).toEqual({ a: 15002 });
  expect(allocate(named("b", "a"), { previous })).toEqual({ a: 15002, b: 15000 });
});

test("a tunnel keeps its port when the range no longer holds it: its customer dials it", () => {
  expect(allocate(named("a", "b"), { previous: { a: 8080 } })).toEqual({ a: 8080, b: 15000 });
});

test("a tunnel keeps the port it was once given when its author no longer insists on it", () => {
  expect(allocate(named("a"), { previous: { a: 15003 } })).toEqual({ a: 15003 });
});

test("a tunnel moves when its author says so, and two may change places", () => {
  const previous = { a: 15000, b: 15001 };
  expect(allocate([{ name: "a", bindPort: 15003 }, { name: "b" }], { previous })).toEqual({ a: 15003, b: 15001 });
  const swapped = [
    { name: "a", bindPort: 15001 },
    { name: "b", bindPort: 15000 },
  ];
  expect(allocate(swapped, { previous })).toEqual({ a: 15001, b: 15000 });
});

test("a renamed tunnel is a new one, and does not get the port of the old name while there is another", () => {
  expect(allocate(named("a2", "b"), { previous: { a: 15000, b: 15001 } })).toEqual({ a2: 15002, b: 15001 });
});

test("freed ports are taken last, the lowest first", () => {
  const previous = { gone1: 15000, gone2: 15001, kept: 15002 };
  expect(allocate(named("kept", "x", "y", "z"), { previous })).toEqual({ kept: 15002, x: 15003, y: 15000, z: 15001 });
});

test("a port that has just been freed can be insisted on", () => {
  expect(allocate([{ name: "b", bindPort: 15000 }], { previous: { a: 15000 } })).toEqual({ b: 15000 });
});

test("reserved ports are passed over, and a tunnel that has one since before moves", () => {
  expect(allocate(named("a", "b"), { reservedPorts: [15000, 15002] })).toEqual({ a: 15001, b: 15003 });
  expect(allocate(named("a", "b"), { reservedPorts: [15000], previous: { a: 15000, b: 15001 } })).toEqual({ a: 15002, b: 15001 });
});

test("a tunnel may be called as everything is that objects have by themselves", () => {
  expect(allocate(named("constructor", "a"))).toEqual({ constructor: 15000, a: 15001 });
  expect(allocate(named("constructor"), { previous: JSON.parse('{"constructor":15003}') })).toEqual({ constructor: 15003 });
});

test("a port that another tunnel already has is refused, with both names", () => {
  const problems = [{ path: "tunnels[1].bindPort", reason: 'tunnel "b" asks for 15000, which tunnel "a" has; choose another port' }];
  expect(problemsOf(() => allocate([{ name: "a" }, { name: "b", bindPort: 15000 }], { previous: { a: 15000 } }))).toEqual(problems);
  const both = [
    { name: "a", bindPort: 15000 },
    { name: "b", bindPort: 15000 },
  ];
  expect(problemsOf(() => allocate(both))).toEqual(problems);
});

test.each([0, -1, 1, 22, 80, 1023, 32768, 65535, 65536, 70000, 22.5, Number.NaN, Number.POSITIVE_INFINITY])(
  "port %d is refused at its path",
  (port) => {
    const reason = `got ${port}; a bind port is 1024–32767 (below are privileged ports, above the kernel's outgoing ones)`;
    expect(checkBindPort(port, [])).toBe(reason);
    expect(problemsOf(() => allocate([{ name: "a" }, { name: "b", bindPort: port }]))).toEqual([{ path: "tunnels[1].bindPort", reason }]);
  },
);

test.each([1024, 2223, 8080, 15000, 32767])("port %d can be insisted on", (port) => {
  expect(checkBindPort(port, [2222])).toBeUndefined();
  expect(allocate([{ name: "a", bindPort: port }])).toEqual({ a: port });
});

test.each([2222, 9100])("the reserved port %d is refused", (port) => {
  const reason = `got ${port}, which is reserved (sshd's own port, the status port, or one of reservedPorts); choose another`;
  expect(checkBindPort(port, [2222, 9100])).toBe(reason);
  expect(problemsOf(() => allocate([{ name: "a", bindPort: port }], { reservedPorts: [2222, 9100] }))).toEqual([
    { path: "tunnels[0].bindPort", reason },
  ]);
});

test("an exhausted range is an error for each tunnel that got nothing, and names it", () => {
  const reason = (name: string) => `no port is left for tunnel "${name}": all of 15000–15003 are taken; widen bindPortRange`;
  const requests = [...named("a", "b", "c"), { name: "x", bindPort: 15003 }, ...named("d", "e")];
  expect(problemsOf(() => allocate(requests))).toEqual([
    { path: "tunnels[4].bindPort", reason: reason("d") },
    { path: "tunnels[5].bindPort", reason: reason("e") },
  ]);
});

test("all problems come at once: refused ports first, then the tunnels that got nothing", () => {
  const requests = [{ name: "a", bindPort: 22 }, ...named("b", "c", "d", "e", "f"), { name: "g", bindPort: 2222 }];
  expect(problemsOf(() => allocate(requests)).map(({ path }) => path)).toEqual([
    "tunnels[0].bindPort",
    "tunnels[6].bindPort",
    "tunnels[5].bindPort",
  ]);
});

test("neither the requests nor the allocation so far are changed", () => {
  const input = Object.freeze({
    range,
    requests: Object.freeze(named("a", "b")),
    reservedPorts: Object.freeze([2222]),
    previous: Object.freeze({ a: 15001 }),
  });
  expect(allocateBindPorts(input)).toEqual({ a: 15001, b: 15000 });
});

/** Versions of a customer's file, one after the other: tunnels that come, go, move and change their minds. */
const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
const smallRange = { first: 15000, last: 15005 };
const file = fc
  .shuffledSubarray(NAMES)
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.option(fc.integer({ min: 14998, max: 15007 }), { nil: undefined, freq: 4 }).map((bindPort) => ({ name, bindPort })),
      ),
    ),
  ) as fc.Arbitrary<BindPortRequest[]>;
const history = fc.array(file, { minLength: 1, maxLength: 8 });
const reserved = fc.uniqueArray(fc.integer({ min: 14999, max: 15006 }), { maxLength: 2 });

/** What a bastion's allocation becomes over the versions; one that is refused changes nothing, as a failed `pulumi up`. */
function* deploy(files: readonly BindPortRequest[][], reservedPorts: readonly number[]) {
  let previous: Record<string, number> = {};
  for (const requests of files) {
    let next: Record<string, number> | undefined;
    try {
      next = allocateBindPorts({ range: smallRange, requests, reservedPorts, previous });
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
    }
    yield { requests, previous, next };
    previous = next ?? previous;
  }
}

const has = (allocation: Readonly<Record<string, number>>, name: string) => Object.hasOwn(allocation, name);

test("whatever is added, removed and reordered: no two tunnels share a port, nobody else's changes, and the author's wins", () => {
  let accepted = 0;
  fc.assert(
    fc.property(history, reserved, (files, reservedPorts) => {
      for (const { requests, previous, next } of deploy(files, reservedPorts)) {
        if (next === undefined) continue;
        accepted += 1;
        expect(Object.keys(next).sort()).toEqual(requests.map(({ name }) => name).sort());
        expect(new Set(Object.values(next)).size, "distinct").toBe(requests.length);
        for (const { name, bindPort } of requests) {
          expect(reservedPorts).not.toContain(next[name]);
          if (bindPort !== undefined) expect(next[name]).toBe(bindPort);
          else if (has(previous, name) && !reservedPorts.includes(previous[name] ?? 0)) expect(next[name], "kept").toBe(previous[name]);
          else
            expect([next[name] !== undefined && next[name] >= smallRange.first, (next[name] ?? 0) <= smallRange.last]).toEqual([
              true,
              true,
            ]);
        }
      }
    }),
    { numRuns: 2000 },
  );
  expect(accepted).toBeGreaterThan(1000);
});

test("a freed port is handed out only when every port that was never taken is taken", () => {
  fc.assert(
    fc.property(history, reserved, (files, reservedPorts) => {
      for (const { requests, previous, next } of deploy(files, reservedPorts)) {
        if (next === undefined) continue;
        const formerly = new Set(Object.values(previous));
        const newcomers = requests.filter(({ name, bindPort }) => bindPort === undefined && !has(previous, name));
        const fresh = [0, 1, 2, 3, 4, 5]
          .map((i) => smallRange.first + i)
          .filter((port) => !formerly.has(port) && !reservedPorts.includes(port));
        if (newcomers.some(({ name }) => formerly.has(next[name] ?? 0)))
          expect(fresh.filter((port) => !Object.values(next).includes(port))).toEqual([]);
      }
    }),
    { numRuns: 2000 },
  );
});

test("the order of the file decides only among newcomers", () => {
  fc.assert(
    fc.property(history, fc.infiniteStream(fc.nat({ max: 1000 })), (files, randomness) => {
      const last = [...deploy(files, [])].at(-1);
      if (last?.next === undefined) return;
      const shuffled = last.requests
        .map((request) => ({ request, rank: randomness.next().value as number }))
        .sort((a, b) => a.rank - b.rank);
      const again = allocateBindPorts({
        range: smallRange,
        requests: shuffled.map(({ request }) => request),
        reservedPorts: [],
        previous: last.next,
      });
      expect(again).toEqual(last.next);
    }),
    { numRuns: 1000 },
  );
});

test("a file is refused for its ports only when it has to be", () => {
  fc.assert(
    fc.property(history, reserved, (files, reservedPorts) => {
      for (const { requests, previous, next } of deploy(files, reservedPorts)) {
        const insisted = requests.flatMap(({ bindPort }) => (bindPort === undefined ? [] : [bindPort]));
        const kept = requests.flatMap(({ name, bindPort }) => (bindPort === undefined && has(previous, name) ? [previous[name] ?? 0] : []));
        const keptAllowed = kept.filter((port) => !reservedPorts.includes(port));
        const clashes = new Set([...insisted, ...keptAllowed]).size < insisted.length + keptAllowed.length;
        const inReserved = insisted.some((port) => reservedPorts.includes(port));
        const free = [0, 1, 2, 3, 4, 5]
          .map((i) => smallRange.first + i)
          .filter((port) => ![...insisted, ...keptAllowed, ...reservedPorts].includes(port));
        const wanted = requests.length - insisted.length - keptAllowed.length;
        expect(next === undefined).toBe(clashes || inReserved || wanted > free.length);
      }
    }),
    { numRuns: 2000 },
  );
});
