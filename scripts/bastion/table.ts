import { stripVTControlCharacters } from "node:util";
import { type Emphasize, plain } from "./terminal.ts";

/** Renders rows in aligned columns, two spaces apart, under a heading where there is one. */
export function renderTable(rows: readonly (readonly string[])[], heading?: readonly string[], emphasize: Emphasize = plain): string {
  const lines = heading === undefined ? rows : [heading, ...rows];
  const widths: number[] = [];
  for (const cells of lines) for (const [column, cell] of cells.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  const rendered = lines.map((cells) =>
    cells
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)))
      .join("  ")
      .trimEnd(),
  );
  return rendered.map((line, index) => `${heading !== undefined && index === 0 ? emphasize("dim", line) : line}\n`).join("");
}

/** An emphasized cell is as wide as what is seen of it. */
function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}

/** Moves every line of a text to the right. */
export function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
