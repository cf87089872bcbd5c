import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { quoteForShell } from "../../components/core/ssh-command.ts";
import { escapeForUnit, escapeForXml, indentForYaml, quoteForPowerShell, quoteForYaml } from "../../components/kit/quoting.ts";

const READ_XML =
  "import json, sys, xml.etree.ElementTree as tree; print(json.dumps([one.text or '' for one in tree.parse(sys.stdin.buffer).getroot()]))";
const NASTY = fc.string({ unit: fc.constantFrom(..."aZ0 '\"`$\\;&|<>(){}[]*?!~#%=:,\n\t-’‘é".split("")), maxLength: 30 });

describe("quoting gives back what was quoted", () => {
  test("in a shell", () => {
    fc.assert(
      fc.property(fc.array(NASTY, { minLength: 1, maxLength: 5 }), (words) => {
        const printed = execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(quoteForShell).join(" ")}`], { encoding: "utf8" });
        expect(printed.split("\0").slice(0, -1)).toEqual(words);
      }),
      { numRuns: 100 },
    );
  });

  test("in YAML, as a scalar", () => {
    fc.assert(
      fc.property(NASTY, (text) => {
        expect(parse(`key: ${quoteForYaml(text)}\n`)).toEqual({ key: text });
      }),
    );
  });

  test("in YAML, as a literal block", () => {
    const line = fc.stringMatching(/^[!-~]( ?[ -~]*[!-~])?$/);
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.constant("")), { maxLength: 6 }), line, line, (middle, first, last) => {
        const text = `${[first, ...middle, last].join("\n")}\n`;
        expect(parse(`a:\n  b: |\n${indentForYaml(text, 4)}\n  c: 1\n`)).toEqual({ a: { b: text, c: 1 } });
      }),
    );
  });

  test("in PowerShell, where every kind of single quote ends a text, and two of them are one", () => {
    fc.assert(
      fc.property(NASTY, (text) => {
        const [, inner = ""] = /^'(.*)'$/s.exec(quoteForPowerShell(text)) ?? [];
        expect(inner.replaceAll(/(['‘’‚‛])\1/g, "$1")).toBe(text);
        expect(inner.replaceAll(/(['‘’‚‛])\1/g, "")).not.toMatch(/['‘’‚‛]/);
      }),
    );
  });

  test("in a unit, where only % is more than itself", () => {
    expect(escapeForUnit("100%h of it")).toBe("100%%h of it");
  });
});

test("text in XML is read as it was", () => {
  fc.assert(
    fc.property(
      fc.array(
        NASTY.map((text) => text.replaceAll(/[\n\t]/g, "")),
        { minLength: 50, maxLength: 100 },
      ),
      (texts) => {
        const xml = `<all>${texts.map((text) => `<one>${escapeForXml(text)}</one>`).join("")}</all>`;
        expect(JSON.parse(execFileSync("python3", ["-c", READ_XML], { encoding: "utf8", input: xml }))).toEqual(texts);
      },
    ),
    { numRuns: 10 },
  );
});

test.each(["a\nb", "a\0", "\ud800", "\uffff"])("XML cannot hold %j", (text) => {
  expect(() => escapeForXml(text)).toThrow("control characters");
});

test.each(["a\nb", "a\0", "a\\"])("a unit cannot hold %j", (text) => {
  expect(() => escapeForUnit(text)).toThrow("one line");
});

test.each(["", "no end", " a\n", "a\n\n", "a\r\n", "é\n", "a\0\n"])("a literal block cannot hold %j", (text) => {
  expect(() => indentForYaml(text, 2)).toThrow("printable lines");
});
