import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeVolume } from "./atomic-writer.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bastion-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  const contents = Object.entries(files).map(([path, text]) => [path, { content: Buffer.from(text), mode: 0o440 }] as const);
  writeVolume(folder, new Map(contents), undefined);
}

test("each name leads through ..data to a folder of the moment, and only one of those stays", () => {
  write({ a: "one", "sub/b": "two" });
  const first = readlinkSync(join(folder, "..data"));
  expect(readdirSync(folder).sort()).toEqual([first, "..data", "a", "sub"].sort());
  expect(readlinkSync(join(folder, "a"))).toBe("..data/a");
  expect(readFileSync(join(folder, "sub/b"), "utf8")).toBe("two");
  expect(lstatSync(join(folder, first, "a")).mode & 0o7777).toBe(0o440);
  write({ a: "changed", c: "three" });
  const second = readlinkSync(join(folder, "..data"));
  expect(second).not.toBe(first);
  expect(readdirSync(folder).sort()).toEqual([second, "..data", "a", "c"].sort());
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("changed");
});

test("what has not changed is left alone", () => {
  write({ a: "one" });
  const before = readlinkSync(join(folder, "..data"));
  write({ a: "one" });
  expect(readlinkSync(join(folder, "..data"))).toBe(before);
  write({});
  expect(readdirSync(folder).sort()).toEqual([readlinkSync(join(folder, "..data")), "..data"].sort());
});
