import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const DOCS = resolve(import.meta.dirname, "../../docs");
const TEXT = readFileSync(resolve(DOCS, "rules.md"), "utf8");
const LINK = /^\[([^\]]+)\]: (\S+)$/gm;
const links = new Map([...TEXT.matchAll(LINK)].map(([, name = "", path = ""]) => [name, resolve(DOCS, path)]));
const rows = TEXT.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| rule"));

test("every link of the table leads to a file, and every reference has its link", () => {
  const used = new Set([...TEXT.replaceAll(LINK, "").matchAll(/\[([^\]]+)\]/g)].map(([, name]) => name));
  expect([...used].sort()).toEqual([...links.keys()].sort());
  expect([...links.values()].filter((path) => !existsSync(path))).toEqual([]);
});

test("every test that is quoted as a rule's proof is in the file that is named before it", () => {
  const missing = rows.flatMap((row) => {
    const shownBy =
      row
        .replace(/\|\s*$/, "")
        .split("|")
        .at(-1) ?? "";
    return [...shownBy.matchAll(/\[([^\]]+)\]([^[]*)/g)].flatMap(([, name = "", said = ""]) => {
      const source = readFileSync(links.get(name) ?? "", "utf8");
      const quotations = [...said.matchAll(/"([^"]+)"|`([^`]+)`/g)].map(([, text, code]) => text ?? code ?? "");
      return quotations.filter((text) => !source.includes(text)).map((text) => `${name}: ${text}`);
    });
  });
  expect(missing).toEqual([]);
});

test.each([
  ["AWS", 26],
  ["GCP", 19],
  ["AZ", 23],
  ["K8S", 20],
  ["SSHD", 31],
  ["PUL", 21],
])("no rule %s is left out", (group, count) => {
  const numbers = rows.flatMap((row) => new RegExp(`^\\| ${group}-(\\d+) `).exec(row)?.[1] ?? []).map(Number);
  expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i + 1));
});
