/** Quotes a text as a scalar of YAML: JSON is YAML. */
export function quoteForYaml(text: string): string {
  return JSON.stringify(text);
}

/** Writes the lines of a text as a literal block of YAML, below a key that stands `indent - 2` columns in. */
export function indentForYaml(text: string, indent: number): string {
  if (!/^[^\s]/.test(text) || !/[^\n]\n$/.test(text) || !/^[\t\n\x20-\x7e]*$/.test(text))
    throw new Error("a literal block holds printable lines, begins with a letter and ends with one end of line");
  return text.trimEnd().replaceAll(/^(?=.)/gm, " ".repeat(indent));
}

/** Quotes a text for PowerShell, to which the typographic quotes are quotes too. */
export function quoteForPowerShell(text: string): string {
  return `'${text.replaceAll(/['\u2018-\u201b]/g, "$&$&")}'`;
}

/** Makes a text stand for itself in a setting of a unit, where `%` begins a specifier (systemd.unit(5)). */
export function escapeForUnit(text: string): string {
  if (/[\p{Cc}\\]/u.test(text)) throw new Error("a setting of a unit is one line, and a backslash in it would join the next one");
  return text.replaceAll("%", "%%");
}

const XML_ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Makes a text stand for itself between two tags of XML, which has no way to write most control characters. */
export function escapeForXml(text: string): string {
  if (/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text)) throw new Error("a text in XML holds no control characters");
  return text.replaceAll(/[&<>]/g, (character) => XML_ENTITIES[character] ?? character);
}
