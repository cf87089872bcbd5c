import { expect, test } from "vitest";
import type { Evidence } from "../../../../scripts/bastion/rotate/evidence.ts";
import { locateRotation, Stage } from "../../../../scripts/bastion/rotate/locate-rotation.ts";
import { planRotation, type Step, type Wish } from "../../../../scripts/bastion/rotate/plan-rotation.ts";

test.each<[file: readonly number[], deployed: readonly number[], stage: Stage]>([
  [[1], [1], Stage.Settled],
  [[2], [2], Stage.Settled],
  [[2, 1], [1], Stage.Beginning],
  [[2, 1], [2, 1], Stage.Changing],
  [[1, 2], [2, 1], Stage.Changing],
  [[2], [2, 1], Stage.Finishing],
  [[1], [2, 1], Stage.Abandoning],
  [[2], [1], Stage.Astray],
  [[1], [2], Stage.Astray],
  [[2, 1], [2], Stage.Astray],
  [[2, 1], [3, 2], Stage.Astray],
  [[3, 2], [1], Stage.Astray],
  [[2], [2, 1, 0], Stage.Astray],
  [[2], [], Stage.Astray],
])("with %j in the file and %j deployed, the change is %s", (file, deployed, stage) => {
  expect(locateRotation(file, deployed, Math.max(...file, ...deployed))).toBe(stage);
});

test.each<[file: readonly string[], deployed: readonly string[], stage: Stage]>([
  [["old"], ["old"], Stage.Settled],
  [["new"], ["new"], Stage.Settled],
  [["old", "new"], ["old"], Stage.Beginning],
  [["old", "new"], ["old", "new"], Stage.Changing],
  [["new"], ["old", "new"], Stage.Finishing],
  [["old"], ["old", "new"], Stage.Abandoning],
  [["other"], ["old"], Stage.Astray],
  [["other", "new"], ["old"], Stage.Astray],
  [["other"], ["old", "new"], Stage.Astray],
])("of imported keys, with %j in the file and %j deployed, the change is %s", (file, deployed, stage) => {
  expect(locateRotation(file, deployed, "new")).toBe(stage);
});

const UNUSED: Evidence = { againstFinishing: [], untold: [], againstAbandoning: [] };
const OLD_IN_USE: Evidence = { ...UNUSED, againstFinishing: ["the old key is in use"] };
const NEW_IN_USE: Evidence = { ...UNUSED, againstAbandoning: ["the new key is in use"] };
const UNTOLD: Evidence = { ...UNUSED, untold: ["nobody can tell"] };

const forced = (reason: string): Step => ({ kind: "refuse", reason: `${reason}; with --force it is done all the same` });
const nothing = (wish: string): Step => ({ kind: "nothing", reason: `nothing is under way, so there is nothing to ${wish}` });
const astray: Step = {
  kind: "refuse",
  reason: "the file and what is deployed differ in another way than by a rotation; deploy the file first, with: bastion up",
};

test.each<[stage: Stage, wish: Wish, evidence: Evidence, step: Step, stepIfForced?: Step]>([
  [Stage.Settled, "go-on", UNUSED, { kind: "begin" }],
  [Stage.Settled, "finish", UNUSED, nothing("finish")],
  [Stage.Settled, "abandon", UNUSED, nothing("abandon")],
  [Stage.Beginning, "go-on", UNUSED, { kind: "deploy" }],
  [Stage.Beginning, "finish", UNUSED, { kind: "deploy" }],
  [Stage.Beginning, "abandon", UNUSED, { kind: "abandon" }],
  [Stage.Changing, "go-on", UNUSED, { kind: "finish" }],
  [Stage.Changing, "go-on", OLD_IN_USE, { kind: "wait", reasons: OLD_IN_USE.againstFinishing }],
  [Stage.Changing, "go-on", UNTOLD, { kind: "wait", reasons: UNTOLD.untold }],
  [Stage.Changing, "finish", UNUSED, { kind: "finish" }],
  [Stage.Changing, "finish", UNTOLD, { kind: "finish" }],
  [Stage.Changing, "finish", OLD_IN_USE, forced("the old key is in use"), { kind: "finish" }],
  [Stage.Changing, "abandon", UNUSED, { kind: "abandon" }],
  [Stage.Changing, "abandon", OLD_IN_USE, { kind: "abandon" }],
  [Stage.Changing, "abandon", NEW_IN_USE, forced("the new key is in use"), { kind: "abandon" }],
  [Stage.Finishing, "go-on", UNUSED, { kind: "deploy" }],
  [Stage.Finishing, "finish", UNUSED, { kind: "deploy" }],
  [
    Stage.Finishing,
    "abandon",
    UNUSED,
    { kind: "refuse", reason: "the old key is not in the file any more: the rotation is all but finished" },
  ],
  [Stage.Abandoning, "go-on", UNUSED, { kind: "deploy" }],
  [Stage.Abandoning, "finish", UNUSED, { kind: "refuse", reason: "the new key is not in the file any more: the rotation was abandoned" }],
  [Stage.Abandoning, "abandon", UNUSED, { kind: "deploy" }],
  [Stage.Astray, "go-on", UNUSED, astray],
  [Stage.Astray, "finish", UNUSED, astray],
  [Stage.Astray, "abandon", UNUSED, astray],
])("%s: %s with %j is %j", (stage, wish, evidence, step, stepIfForced = step) => {
  expect(planRotation({ stage, wish, isForced: false, evidence })).toEqual(step);
  expect(planRotation({ stage, wish, isForced: true, evidence })).toEqual(stepIfForced);
});

test.each<[stage: Stage, wish: Wish]>([
  [Stage.Settled, "go-on"],
  [Stage.Beginning, "go-on"],
  [Stage.Changing, "go-on"],
  [Stage.Changing, "finish"],
  [Stage.Finishing, "go-on"],
])("who would be locked out stays as they are, also with force: %s, %s", (stage, wish) => {
  for (const isForced of [false, true])
    expect(planRotation({ stage, wish, isForced, evidence: UNUSED, lockOut: "expired" })).toEqual({ kind: "refuse", reason: "expired" });
});

test("nobody who is locked out has to go forward: back is always open", () => {
  expect(planRotation({ stage: Stage.Changing, wish: "abandon", isForced: false, evidence: UNUSED, lockOut: "expired" })).toEqual({
    kind: "abandon",
  });
});

test("keys that cannot take each other's place are not changed, but a change that is made is deployed", () => {
  const given = { isForced: true, evidence: UNUSED, obstacle: "several" };
  for (const [stage, wish] of [
    [Stage.Settled, "go-on"],
    [Stage.Changing, "go-on"],
    [Stage.Changing, "finish"],
  ] as const)
    expect(planRotation({ ...given, stage, wish })).toEqual({ kind: "refuse", reason: "several" });
  expect(planRotation({ ...given, stage: Stage.Finishing, wish: "go-on" })).toEqual({ kind: "deploy" });
});
