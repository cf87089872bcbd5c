import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askMachineHost } from "./machine-host.ts";
import { World } from "./world.ts";

const TYPE = "cloud:index:Thing";

let folder: string;
let world: World;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "world-"));
  world = World.create(join(folder, "world"), { cloud: { size: 3 } });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a change is kept, and another opening of the world sees it", async () => {
  await world.change((state) => {
    state.records[TYPE] = { one: { size: 1 } };
  });
  expect(new World(world.folder).read()).toEqual({ records: { [TYPE]: { one: { size: 1 } } }, seeds: { cloud: { size: 3 } } });
});

test("a change that throws leaves the world as it was, and free for the next one", async () => {
  const change = world.change((state) => {
    state.records[TYPE] = { one: {} };
    throw new Error("refused");
  });
  await expect(change).rejects.toThrow("refused");
  await world.change((state) => {
    state.records[TYPE] = { two: {} };
  });
  expect(Object.keys(world.records(TYPE))).toEqual(["two"]);
});

test("a type whose last record went is no longer there", async () => {
  await world.change((state) => {
    state.records[TYPE] = { one: {} };
  });
  await world.forget(TYPE, "one");
  expect(world.read().records).toEqual({});
});

test("no change is lost among several processes that change the world at once", async () => {
  const program = `
    import { World } from ${JSON.stringify(join(import.meta.dirname, "world.ts"))};
    const world = new World(process.argv[1]);
    const count = (state) => { const thing = state.records.t.thing; thing.count += 1; };
    await Promise.all(Array.from({ length: 20 }, () => world.change(count)));`;
  await world.change((state) => {
    state.records.t = { thing: { count: 0 } };
  });
  const script = `for n in 1 2 3; do node --input-type=module -e "$1" "$2" & done; wait`;
  const { status, stderr } = spawnSync("sh", ["-c", script, "sh", program, world.folder], { encoding: "utf8", timeout: 50_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(world.find("t", "thing")).toEqual({ count: 60 });
  expect(readdirSync(world.folder).toSorted()).toEqual(["lock", "world.json"]);
});

test("a lock whose holder died does not count", async () => {
  const dead = spawnSync("true").pid;
  mkdirSync(join(world.folder, "lock"));
  writeFileSync(join(world.folder, "lock", `${dead}.1.x`), "");
  // The id of a process that lives, but of another start: the number was given out again.
  writeFileSync(join(world.folder, "lock", `${process.pid}.1.x`), "");
  await world.change((state) => {
    state.records[TYPE] = { one: {} };
  });
  expect(world.find(TYPE, "one")).toEqual({});
});

test("a lock whose holder ended does not count before the system has forgotten it", async () => {
  // It ends once its parent is a program that does not ask what becomes of children.
  const child = `sh -c 'until grep -q sleep /proc/$PPID/comm; do :; done'`;
  const parent = spawn("sh", ["-c", `${child} & echo $!; exec sleep 60`], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const pid = Number(await new Promise((resolve) => parent.stdout.once("data", resolve)));
    const stat = () => readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
    await expect.poll(() => stat()[2]).toBe("Z");
    mkdirSync(join(world.folder, "lock"));
    writeFileSync(join(world.folder, "lock", `${pid}.${stat()[21]}.x`), "");
    await world.change((state) => {
      state.records[TYPE] = { one: {} };
    });
    expect(world.find(TYPE, "one")).toEqual({});
  } finally {
    parent.kill("SIGKILL");
  }
}, 10_000);

test("drift: a record is altered, a property of it removed, a record forgotten", async () => {
  await world.change((state) => {
    state.records[TYPE] = { one: { size: 1, color: "red" }, two: {} };
  });
  await world.alter(TYPE, "one", { size: 2, color: undefined });
  await world.forget(TYPE, "two");
  expect(world.records(TYPE)).toEqual({ one: { size: 2 } });
  await expect(world.forget(TYPE, "two")).rejects.toThrow(`there is no ${TYPE} two in this world`);
});

test("calls are written down in order, with their time", () => {
  world.addCall({ action: "cloud:Make", type: TYPE, id: "one", outcome: "ok" });
  world.addCall({ action: "cloud:Drop", type: TYPE, outcome: "NotFound" });
  expect(world.calls()).toEqual([
    { at: expect.stringMatching(/^\d{4}-.*Z$/), action: "cloud:Make", type: TYPE, id: "one", outcome: "ok" },
    { at: expect.any(String), action: "cloud:Drop", type: TYPE, outcome: "NotFound" },
  ]);
});

test("a fault hits the nth call of its action, so many times, and no other action", async () => {
  await world.addFault({ action: "cloud:Make", kind: "fail", nth: 2, times: 2 });
  const hits = [];
  for (const action of ["cloud:Make", "cloud:Drop", "cloud:Make", "cloud:Make", "cloud:Make"])
    hits.push((await world.takeFault(action))?.kind ?? "none");
  expect(hits).toEqual(["none", "none", "fail", "fail", "none"]);
});

test("a fault of every action counts all calls; cleared faults hit nothing", async () => {
  await world.addFault({ action: "*", kind: "slow", nth: 2 });
  await world.takeFault("cloud:Make");
  expect(await world.takeFault("cloud:Drop")).toMatchObject({ kind: "slow" });
  await world.addFault({ action: "*", kind: "slow" });
  await world.clearFaults();
  expect(await world.takeFault("cloud:Drop")).toBeUndefined();
});

test("without a machine host every request succeeds", async () => {
  expect(await askMachineHost(world, { do: "start", instance: "i-1" })).toEqual({ ok: true });
});

test("a machine host gets one line, and its one line is the answer", async () => {
  const heard: string[] = [];
  const host = createServer((socket) => {
    socket.on("data", (data) => {
      heard.push(data.toString());
      socket.write('{"ok":false,"reason":"no room"}\n');
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => host.listen(world.machineSocket, resolve));
  try {
    expect(await askMachineHost(world, { do: "start", instance: "i-1" })).toEqual({ ok: false, reason: "no room" });
    expect(heard).toEqual(['{"do":"start","instance":"i-1"}\n']);
  } finally {
    host.close();
  }
});
