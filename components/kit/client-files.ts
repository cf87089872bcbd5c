import { quoteForShell } from "../core/ssh-command.ts";
import { HOST_ALIAS, type KitFacts } from "./kit-facts.ts";
import type { KitFile } from "./kit-file.ts";
import { renderTemplate } from "./template.ts";

/** What every way to keep the tunnels up is made of, and what a person runs. */
export function renderClientFiles(facts: KitFacts): KitFile[] {
  const { client, host, sshPort, keyFile } = facts;
  const alias = quoteForShell(HOST_ALIAS);
  return [
    { path: "README.txt", mode: 0o644, content: renderTemplate("README.txt", { client, host, sshPort: `${sshPort}`, keyFile }) },
    { path: "known_hosts", mode: 0o644, content: facts.knownHosts },
    { path: "ssh_config", mode: 0o644, content: facts.sshConfig },
    {
      path: "connect.sh",
      mode: 0o755,
      content: renderTemplate("connect.sh", {
        client,
        host,
        keyFile: quoteForShell(keyFile),
        endpoint: quoteForShell(`${host} port ${sshPort}`),
        alias,
      }),
    },
    { path: "autossh.sh", mode: 0o755, content: renderTemplate("autossh.sh", { client, host, alias }) },
  ];
}
