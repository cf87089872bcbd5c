import { readFileSync } from "node:fs";
import { fillTemplate } from "../template.ts";

/** A piece of a page, as opposed to a text that is to be read on it. */
export class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\r": "&#13;" };

/** Makes a text readable as that text inside an element or a quoted attribute. A carriage return would be read as a line feed. */
export function escapeHtml(text: string): Html {
  return new Html(text.replaceAll(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? character));
}

/** The same, for a name or an address that may be wider than its place: a line is broken at a dot or colon first. */
export function breakable(text: string): Html {
  return new Html(escapeHtml(text).source.replaceAll(/[.:]/g, "$&<wbr>"));
}

/** Fills in the placeholders of a file in `templates`, texts escaped. */
export function fillHtml(file: string, values: Readonly<Record<string, string | Html>>): Html {
  const sources = Object.entries(values).map(([name, value]) => [name, (typeof value === "string" ? escapeHtml(value) : value).source]);
  return new Html(fillTemplate(file, readWithIncludes(file), Object.fromEntries(sources)));
}

/** Fills in a file of `templates` for each of many, one after the other. */
export function fillHtmlForEach<T>(
  file: string,
  items: readonly T[],
  valuesOf: (item: T) => Readonly<Record<string, string | Html>>,
): Html {
  return new Html(items.map((item) => fillHtml(file, valuesOf(item)).source).join(""));
}

/** Reads a file of `templates`. */
export function readTemplate(file: string): string {
  return readFileSync(new URL(`./templates/${file}`, import.meta.url), "utf8");
}

/** Puts in the files that a template names, in the notation of web servers. */
function readWithIncludes(file: string): string {
  return readTemplate(file).replaceAll(/<!--#include file="([\w/.-]+)" -->\n/g, (_include, included: string) => readTemplate(included));
}
