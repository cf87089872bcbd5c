import { type KitSource, kitFacts } from "./kit-facts.ts";
import type { KitFile } from "./kit-file.ts";
import { renderKitFiles } from "./kit-files.ts";
import { renderPage } from "./page/page.ts";

export type { KitSource } from "./kit-facts.ts";
export type { KitFile } from "./kit-file.ts";

/**
 * Renders every file of a client's kit: what a customer needs to connect, and nothing secret.
 *
 * @throws InvalidInputError with all problems at once.
 */
export function renderKit(source: KitSource): readonly KitFile[] {
  const facts = kitFacts(source);
  const files = renderKitFiles(facts);
  return [{ path: "index.html", mode: 0o644, content: renderPage(facts, files) }, ...files];
}
