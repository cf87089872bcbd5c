import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import TreeSitter from "@vscode/tree-sitter-wasm";

/** A command that a script runs: a function of its own, or a cmdlet. */
export interface PowerShellCall {
  readonly command: string;
  /** The function that it stands in, `""` outside of all. */
  readonly within: string;
  readonly parameters: readonly string[];
  /** Its arguments without a parameter's name, as they are written. */
  readonly positional: readonly string[];
}

/** What can be told of a script without running it. Names of functions and variables are in lower case, as PowerShell does not mind it. */
export interface PowerShellScript {
  /** Whether Windows PowerShell 5.1 would refuse to read it. */
  readonly hasError: boolean;
  /** How many arguments each function takes at the most. */
  readonly functions: ReadonlyMap<string, number>;
  readonly calls: readonly PowerShellCall[];
  /** Variables that nothing has given a value where they are read. */
  readonly unassigned: readonly string[];
  /** Texts in single quotes, with the quotes undone. */
  readonly texts: readonly string[];
}

type Node = TreeSitter.Node;

const AUTOMATIC = ["_", "true", "false", "null", "psscriptroot", "lastexitcode", "args", "pscmdlet"];

/** Makes a reader of scripts, by a grammar of Windows PowerShell 5.1: to it, what came with 7 is a mistake. */
export async function openPowerShellReader(): Promise<(text: string) => PowerShellScript> {
  const { Language, Parser } = TreeSitter;
  await Parser.init();
  const parser = new Parser();
  const grammar = fileURLToPath(import.meta.resolve("@vscode/tree-sitter-wasm/wasm/tree-sitter-powershell.wasm"));
  parser.setLanguage(await Language.load(readFileSync(grammar)));
  return (text) => {
    const tree = parser.parse(text);
    if (tree === null) throw new Error("the parser has no language");
    return read(tree.rootNode);
  };
}

function read(root: Node): PowerShellScript {
  const functions = find(root, "function_statement");
  return {
    // The grammar knows `&&` and `||`, and 5.1 does not.
    hasError: root.hasError || find(root, "pipeline_chain_tail").length > 0,
    functions: new Map(functions.map((one) => [nameOf(one), arityOf(one)])),
    calls: find(root, "command").flatMap((node) => {
      const command = node.childForFieldName("command_name")?.text;
      return command === undefined || command.includes("$") ? [] : [readCall(command, node)];
    }),
    unassigned: listUnassigned(root),
    texts: find(root, "verbatim_string_characters").map(({ text }) => text.slice(1, -1).replaceAll(/(['\u2018-\u201b])\1/g, "$1")),
  };
}

function arityOf(statement: Node): number {
  const takesAny = find(statement, "variable").some((one) => variableName(one) === "args");
  return takesAny ? Number.POSITIVE_INFINITY : find(statement, "script_parameter").length;
}

function readCall(command: string, node: Node): PowerShellCall {
  const elements = (node.childForFieldName("command_elements")?.namedChildren ?? []).filter((one) => one !== null);
  const said = elements.filter(({ type }) => type !== "command_argument_sep");
  const isValue = (index: number) => said[index - 1]?.type === "command_parameter";
  return {
    command,
    within: enclosing(node),
    parameters: said.filter(({ type }) => type === "command_parameter").map(({ text }) => text.replace(/^-/, "")),
    positional: said.filter(({ type }, index) => type !== "command_parameter" && !isValue(index)).map(({ text }) => text),
  };
}

function listUnassigned(root: Node): string[] {
  const assigned = new Set(
    ["assignment_expression", "foreach_statement", "script_parameter"].flatMap((type) =>
      find(root, type).flatMap((node) => targetsOf(node).map((name) => `${enclosing(node)} ${name}`)),
    ),
  );
  const isKnown = (node: Node, name: string) =>
    name.includes(":") || AUTOMATIC.includes(name) || assigned.has(`${enclosing(node)} ${name}`) || assigned.has(` ${name}`);
  return find(root, "variable").flatMap((node) => (isKnown(node, variableName(node)) ? [] : [node.text]));
}

/** The variables that a statement gives a value. */
function targetsOf(node: Node): string[] {
  if (node.type === "script_parameter") return find(node, "variable").slice(0, 1).map(variableName);
  const [target] = node.namedChildren;
  if (!target || find(target, ["member_access", "element_access"]).length > 0) return [];
  return target.type === "variable" ? [variableName(target)] : find(target, "variable").map(variableName);
}

function enclosing(node: Node): string {
  for (let one: Node | null = node; one !== null; one = one.parent) if (one.type === "function_statement") return nameOf(one);
  return "";
}

function nameOf(statement: Node): string {
  return find(statement, "function_name")[0]?.text.toLowerCase() ?? "";
}

function variableName({ text }: Node): string {
  return text.replace(/^[$@]\{?|\}$/g, "").toLowerCase();
}

function find(node: Node, types: string | string[]): Node[] {
  return node.descendantsOfType(types).filter((one) => one !== null);
}
