import { createHash } from "node:crypto";
import { Html, readTemplate } from "./html.ts";

/** Style sheets, in the order in which they override one another. */
const STYLE_SHEETS = ["base.css", "picture.css", "parts.css", "narrow.css", "print.css"];

/** The style and the script of the page, and the policy that lets a browser use these and nothing else. */
export interface OwnCode {
  /** For `Content-Security-Policy`. */
  readonly policy: string;
  readonly style: Html;
  readonly script: Html;
}

/** Reads the style sheets and the script, to be put into the page. */
export function readOwnCode(): OwnCode {
  const style = STYLE_SHEETS.map(readTemplate).join("\n");
  const script = readTemplate("page.js");
  return {
    policy: `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`,
    style: new Html(`<style>${style}</style>`),
    script: new Html(`<script type="module">${script}</script>`),
  };
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
