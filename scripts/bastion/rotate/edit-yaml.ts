import { isDeepStrictEqual } from "node:util";
import { isMap, isNode, isScalar, isSeq, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import type { Key } from "../../../stacks/read-yaml.ts";

/**
 * Changes of a YAML file that leave every byte of the rest as it is: comments, order, quotes and blank lines are their
 * author's. Each is read again before it is given back: a file that is written in a way this cannot change is refused.
 */

/** A file that would have to be written anew to be changed. */
export class UneditableYamlError extends Error {
  override readonly name = "UneditableYamlError";
}

/** Where something stands: offsets, the end is behind it. */
interface Place {
  readonly from: number;
  readonly to: number;
}

/** Text in place of other text. */
interface Splice extends Place {
  readonly text: string;
}

/** Gives a mapping a field, behind another one where it is new. */
export function setField(text: string, mapping: readonly Key[], field: string, value: number | boolean, behind: string): string {
  const change = (content: unknown) => Object.assign(at(content, mapping) as object, { [field]: value });
  return edit(text, change, (root) => {
    const map = mappingAt(root, mapping);
    const present = pairOf(map, field)?.value;
    if (present !== undefined && present !== null) return { ...placeOf(present), text: `${value}` };
    const neighbour = pairOf(map, behind);
    if (neighbour === undefined) throw new UneditableYamlError();
    const name = isScalar(neighbour.key) && neighbour.key.type === "QUOTE_DOUBLE" ? JSON.stringify(field) : field;
    const { from } = placeOf(neighbour.key);
    return insertBehind(text, endOf(neighbour), `${name}: ${value}`, map.flow ? undefined : indentOf(text, from));
  });
}

/** Takes a field out of a mapping, with its line where it has one of its own. */
export function removeField(text: string, mapping: readonly Key[], field: string): string {
  const change = (content: unknown) => Reflect.deleteProperty(at(content, mapping) as object, field);
  return edit(text, change, (root) => {
    const map = mappingAt(root, mapping);
    const index = map.items.findIndex(({ key }) => isScalar(key) && key.value === field);
    return removeFrom(
      text,
      map.items.map((pair) => ({ from: placeOf(pair.key).from, to: endOf(pair) })),
      index,
      map.flow ? undefined : /^ *$/,
    );
  });
}

/** Adds a text to the end of a list that has some already. */
export function addItem(text: string, list: readonly Key[], item: string): string {
  const change = (content: unknown) => (at(content, list) as unknown[]).push(item);
  return edit(text, change, (root) => {
    const sequence = sequenceAt(root, list);
    const last = placeOf(sequence.items.at(-1));
    const value = JSON.stringify(item);
    if (sequence.flow) return insertBehind(text, last.to, value, undefined);
    const [, indent = "", dash] = /^( *)(- +)$/.exec(text.slice(lineStart(text, last.from), last.from)) ?? [];
    if (dash === undefined) throw new UneditableYamlError();
    return insertBehind(text, last.to, `${dash}${value}`, indent);
  });
}

/** Takes an item out of a list, with its line where it has one of its own. */
export function removeItem(text: string, list: readonly Key[], index: number): string {
  const change = (content: unknown) => (at(content, list) as unknown[]).splice(index, 1);
  return edit(text, change, (root) => {
    const sequence = sequenceAt(root, list);
    return removeFrom(text, sequence.items.map(placeOf), index, sequence.flow ? undefined : /^ *- +$/);
  });
}

/** Changes the text, and makes sure that it then says what it should, and nothing else. */
function edit(text: string, change: (content: unknown) => unknown, spliceOf: (root: unknown) => Splice): string {
  const document = parseDocument(text, { stringKeys: true });
  const wanted: unknown = structuredClone(document.toJS());
  change(wanted);
  const { from, to, text: replacement } = spliceOf(document.contents);
  const edited = text.slice(0, from) + replacement + text.slice(to);
  const result = parseDocument(edited, { stringKeys: true });
  if (result.errors.length > 0 || !isDeepStrictEqual(result.toJS(), wanted)) throw new UneditableYamlError();
  return edited;
}

/** @param indent of a line of its own; left out where it stands on the same line, behind a comma. */
function insertBehind(text: string, end: number, inserted: string, indent: string | undefined): Splice {
  if (indent === undefined) return { from: end, to: end, text: `, ${inserted}` };
  const place = lineEnd(text, end);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const line = `${indent}${inserted}${newline}`;
  return { from: place, to: place, text: text.endsWith("\n") || place < text.length ? line : `${newline}${line}` };
}

/** @param ownLine what stands before it on a line of its own; left out in a flow collection. */
function removeFrom(text: string, places: readonly Place[], index: number, ownLine: RegExp | undefined): Splice {
  const [before, place, after] = [places[index - 1], places[index], places[index + 1]];
  if (place === undefined) throw new UneditableYamlError();
  const start = lineStart(text, place.from);
  if (ownLine?.test(text.slice(start, place.from))) return { from: start, to: lineEnd(text, place.to), text: "" };
  // Behind a bracket, or behind the dash of the item that it begins.
  if (ownLine === undefined && before !== undefined) return { from: before.to, to: place.to, text: "" };
  if (after === undefined) throw new UneditableYamlError();
  return { from: place.from, to: after.from, text: "" };
}

function at(content: unknown, path: readonly Key[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<Key, unknown> | undefined)?.[key], content);
}

function nodeAt(root: unknown, path: readonly Key[]): unknown {
  return path.reduce<unknown>((node, key) => (isMap(node) || isSeq(node) ? node.get(key, true) : undefined), root);
}

function mappingAt(root: unknown, path: readonly Key[]): YAMLMap {
  const node = nodeAt(root, path);
  if (!isMap(node)) throw new UneditableYamlError();
  return node;
}

function sequenceAt(root: unknown, path: readonly Key[]): YAMLSeq {
  const node = nodeAt(root, path);
  if (!isSeq(node)) throw new UneditableYamlError();
  return node;
}

function pairOf(map: YAMLMap, field: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === field);
}

function endOf({ key, value }: Pair): number {
  return placeOf(value ?? key).to;
}

function placeOf(node: unknown): Place {
  if (!isNode(node) || !node.range) throw new UneditableYamlError();
  const [from, to] = node.range;
  return { from, to };
}

function indentOf(text: string, offset: number): string {
  return " ".repeat(offset - lineStart(text, offset));
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Where the next line begins. What ends with a line of its own, such as a text behind `|`, ends there. */
function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === "\n") return offset;
  const newline = text.indexOf("\n", offset);
  return newline === -1 ? text.length : newline + 1;
}
