import { HOST_ALIAS, type KitFacts } from "./kit-facts.ts";
import type { KitFile } from "./kit-file.ts";
import { quoteForPowerShell } from "./quoting.ts";
import { renderTemplate } from "./template.ts";

/** What keeps the tunnels up on Windows. */
export function renderWindowsFiles({ keyFile, serviceName }: KitFacts): KitFile[] {
  const content = renderTemplate("windows/install-tunnel.ps1", {
    service: quoteForPowerShell(serviceName),
    keyFile: quoteForPowerShell(keyFile),
    alias: HOST_ALIAS,
  });
  return [{ path: "windows/install-tunnel.ps1", mode: 0o644, content }];
}
