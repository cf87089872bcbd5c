import { readFileSync } from "node:fs";

/** Values of a template's placeholders, already quoted for its syntax. */
export type TemplateValues = Readonly<Record<string, string>>;

/**
 * Fills in the placeholders of a text, `{{name}}`.
 *
 * @throws Error for a placeholder without a value, and for a value without a placeholder: both are a mistake of ours.
 */
export function fillTemplate(name: string, template: string, values: TemplateValues): string {
  const used = new Set<string>();
  const filled = template.replaceAll(/\{\{(\w+)\}\}/g, (placeholder, key: string) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (value === undefined) throw new Error(`${name}: no value for ${placeholder}`);
    used.add(key);
    return value;
  });
  const unused = Object.keys(values).filter((key) => !used.has(key));
  if (unused.length > 0) throw new Error(`${name}: no placeholder for ${unused.join(", ")}`);
  return filled;
}

/** Fills in the placeholders of a file in `templates`. */
export function renderTemplate(file: string, values: TemplateValues): string {
  return fillTemplate(file, readFileSync(new URL(`./templates/${file}`, import.meta.url), "utf8"), values);
}
