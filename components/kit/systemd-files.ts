import { quoteForShell } from "../core/ssh-command.ts";
import { HOST_ALIAS, type KitFacts } from "./kit-facts.ts";
import type { KitFile } from "./kit-file.ts";
import { escapeForUnit } from "./quoting.ts";
import { renderTemplate } from "./template.ts";

/** Owner of the processes of every kit on a machine: the name of a user is at most 32 characters long. */
const SERVICE_USER = "reverse-bastion-tunnel";

/** The unit that keeps the tunnels up, and what installs it. */
export function renderSystemdFiles({ client, host, keyFile, serviceName }: KitFacts): KitFile[] {
  const directory = `/etc/${serviceName}`;
  const state = `/var/lib/${serviceName}`;
  return [
    {
      path: "systemd/reverse-bastion-tunnel.service",
      mode: 0o644,
      content: renderTemplate("systemd/reverse-bastion-tunnel.service", {
        client: escapeForUnit(client),
        host: escapeForUnit(host),
        serviceUser: escapeForUnit(SERVICE_USER),
        directory: escapeForUnit(directory),
        state: escapeForUnit(state),
        stateName: escapeForUnit(serviceName),
        alias: escapeForUnit(HOST_ALIAS),
      }),
    },
    {
      path: "systemd/install.sh",
      mode: 0o755,
      content: renderTemplate("systemd/install.sh", {
        client,
        host,
        service: quoteForShell(serviceName),
        keyFile: quoteForShell(keyFile),
        serviceUser: quoteForShell(SERVICE_USER),
        directory: quoteForShell(directory),
        state: quoteForShell(state),
      }),
    },
  ];
}
