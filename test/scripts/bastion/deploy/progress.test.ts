import type { EngineEvent, OpType } from "@pulumi/pulumi/automation/index.js";
import { expect, test } from "vitest";
import { type Operation, Progress, renderChanges, renderSeconds } from "../../../../scripts/bastion/deploy/progress.ts";
import { ProgressPrinter } from "../../../../scripts/bastion/deploy/progress-printer.ts";
import { plain } from "../../../../scripts/bastion/terminal.ts";

const urnOf = (type: string, name: string) => `urn:pulumi:acme::reverse-bastion::${type}::${name}`;
const step = (op: OpType, name: string, type = "local:index:Sshd") => ({
  metadata: {
    ...{ op, urn: urnOf(type, name), type, provider: "" },
    new: { type, urn: urnOf(type, name), custom: true, id: "", parent: "", inputs: {}, outputs: {}, provider: "" },
  },
});
const started = (op: OpType, name: string) => ({ resourcePreEvent: step(op, name) });
const done = (op: OpType, name: string) => ({ resOutputsEvent: step(op, name) });
const said = (severity: "info" | "info#err" | "warning" | "error", message: string, more = {}) => ({
  diagnosticEvent: { severity, message, color: "never", ...more },
});

function follow(operation: Operation, ...events: readonly Partial<EngineEvent>[]) {
  const progress = new Progress(operation, 0);
  const lines = events.flatMap((event, index) => progress.take({ sequence: index, timestamp: 0, ...event }, (index + 1) * 1000));
  return { progress, lines: lines.map(({ kind, text }) => `${kind}: ${text}`) };
}

test("each resource is begun and done, with a count and its time", () => {
  const { progress, lines } = follow(
    "up",
    started("create", "a"),
    started("update", "b"),
    done("create", "a"),
    started("same", "c"),
    done("same", "c"),
    done("update", "b"),
    {
      summaryEvent: { maybeCorrupt: false, durationSeconds: 3, resourceChanges: { create: 1, update: 1, same: 1 }, policyPacks: {} },
    },
  );
  expect(lines).toEqual([
    "started: creating Sshd a",
    "started: updating Sshd b",
    "done: created Sshd a (1 done, 2.0 s)",
    "done: updated Sshd b (2 done, 4.0 s)",
  ]);
  expect({ changes: progress.changes, finished: progress.finished, unfinished: progress.unfinished }).toEqual({
    changes: { create: 1, update: 1, same: 1 },
    finished: 2,
    unfinished: [],
  });
});

test("what was begun and has not ended, or has failed, is told", () => {
  const { progress, lines } = follow("destroy", started("delete", "a"), started("delete", "b"), {
    resOpFailedEvent: { ...step("delete", "a"), status: 1, steps: 1 },
  });
  expect(lines.at(-1)).toBe("failed: failed at deleting Sshd a (2.0 s)");
  expect(progress.unfinished).toEqual(["deleting Sshd b"]);
  expect(progress.describeNow(14_000)).toBe("deleting Sshd b · 0 done · 14 s");
});

test("a component is begun and done, and is nothing that waits; a default provider is nothing at all", () => {
  const type = "pulumi:providers:reverse-bastion";
  const component = { metadata: { op: "create" as const, urn: urnOf("LocalBastion", "acme"), type: "LocalBastion", provider: "" } };
  const provider = step("create", "default", type);
  const urn = `urn:pulumi:acme::reverse-bastion::${type}::default_4_34_2`;
  const { progress, lines } = follow(
    "up",
    { resourcePreEvent: component },
    { resourcePreEvent: { metadata: { ...provider.metadata, urn } } },
  );
  expect({ lines, unfinished: progress.unfinished }).toEqual({ lines: ["started: creating LocalBastion acme"], unfinished: [] });
});

test("a preview only says what would be done", () => {
  const { lines } = follow(
    "preview",
    started("create", "a"),
    done("create", "a"),
    started("create-replacement", "b"),
    started("replace", "b"),
    started("delete-replaced", "b"),
  );
  expect(lines).toEqual(["planned: to create Sshd a", "planned: to replace Sshd b", "planned: to delete (replaced) Sshd b"]);
});

test("diagnostics are whole, without what would draw on the terminal", () => {
  const { lines } = follow(
    "up",
    said("error", "<{%fg 1%}>two\nlines<{%reset%}>\n", { urn: urnOf("local:index:Sshd", "a") }),
    said("warning", "old\u001b[2J"),
    said("info", "hello"),
    said("info", "gone soon", { ephemeral: true }),
    { diagnosticEvent: { severity: "debug" as "info", message: "inner", color: "never" } },
  );
  expect(lines).toEqual(["diagnostic: error: Sshd a: two\nlines", "diagnostic: warning: old[2J", "diagnostic: hello"]);
});

test.each<[Operation, Partial<Record<OpType, number>>, string]>([
  ["up", { create: 9, same: 2, update: 1 }, "9 created, 1 updated, 2 unchanged"],
  ["preview", { create: 9, "create-replacement": 1, same: 2 }, "9 to create, 1 to replace, 2 unchanged"],
  ["destroy", { delete: 11 }, "11 deleted"],
  ["destroy", {}, "nothing to do"],
])("changes of %s: %o", (operation, changes, text) => {
  expect(renderChanges(changes, operation)).toBe(text);
});

test.each([
  [400, "0.4 s"],
  [9949, "9.9 s"],
  [9960, "10 s"],
  [59_400, "59 s"],
  [185_000, "3 min 5 s"],
])("%i ms is %s", (milliseconds, text) => expect(renderSeconds(milliseconds)).toBe(text));

test.each([
  { isTTY: false, shown: "  creating Sshd a\n  created Sshd a (1 done, 0.0 s)\n" },
  {
    isTTY: true,
    shown:
      "\r\u001b[K  creating Sshd a · 0 done · 0.0 s\r\u001b[K  created Sshd a (1 done, 0.0 s)\n\r\u001b[K  waiting for the engine · 1 done · 0.0 s\r\u001b[K",
  },
])("where isTTY is $isTTY it is shown as lines, and there one live line below", ({ isTTY, shown }) => {
  let written = "";
  const printer = new ProgressPrinter(
    new Progress("up", performance.now()),
    {
      isTTY,
      columns: 80,
      write: (text) => {
        written += text;
      },
    },
    plain,
  );
  for (const event of [started("create", "a"), done("create", "a")]) printer.show({ sequence: 0, timestamp: 0, ...event });
  printer.end();
  expect(written.replaceAll(/\d\.\d s/g, "0.0 s")).toBe(shown);
});
