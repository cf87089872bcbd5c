import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import TreeSitter from "@vscode/tree-sitter-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { contentOf, exampleKit } from "./example-kit.ts";

describe("the script for Windows, as a parser of PowerShell sees it", () => {
  let parser: TreeSitter.Parser;

  beforeAll(async () => {
    const { Language, Parser } = TreeSitter;
    await Parser.init();
    parser = new Parser();
    const grammar = fileURLToPath(import.meta.resolve("@vscode/tree-sitter-wasm/wasm/tree-sitter-powershell.wasm"));
    parser.setLanguage(await Language.load(readFileSync(grammar)));
  });

  const hasError = (text: string) => parser.parse(text)?.rootNode.hasError;
  const script = contentOf(exampleKit(), "windows/install-tunnel.ps1");

  test("has no error", () => {
    expect(hasError(script)).toBe(false);
  });

  test("would have one with a brace less", () => {
    expect(hasError(script.replace(/\}\n$/, "\n"))).toBe(true);
  });
});
