import { quoteForShell } from "../core/ssh-command.ts";
import { HOST_ALIAS, type KitFacts } from "./kit-facts.ts";
import type { KitFile } from "./kit-file.ts";
import { escapeForXml } from "./quoting.ts";
import { renderTemplate } from "./template.ts";

/** Owner of the processes of every kit on a Mac, where the names of accounts of services begin with an underscore. */
const ACCOUNT = "_reversebastion";

/**
 * The daemon that keeps the tunnels up on a Mac, and what installs it.
 *
 * A daemon and not an agent: it needs nobody to be logged in, and macOS lets daemons reach the local network unasked.
 */
export function renderLaunchdFiles({ client, host, keyFile, serviceName }: KitFacts): KitFile[] {
  const directory = `/Library/Application Support/${serviceName}`;
  const log = `/var/log/${serviceName}.log`;
  return [
    {
      path: `macos/${serviceName}.plist`,
      mode: 0o644,
      content: renderTemplate("macos/tunnel.plist", {
        label: escapeForXml(serviceName),
        account: escapeForXml(ACCOUNT),
        directory: escapeForXml(directory),
        alias: escapeForXml(HOST_ALIAS),
        log: escapeForXml(log),
      }),
    },
    { path: "macos/newsyslog.conf", mode: 0o644, content: renderTemplate("macos/newsyslog.conf", { account: ACCOUNT, log }) },
    {
      path: "macos/install.sh",
      mode: 0o755,
      content: renderTemplate("macos/install.sh", {
        client,
        host,
        label: quoteForShell(serviceName),
        keyFile: quoteForShell(keyFile),
        account: quoteForShell(ACCOUNT),
        directory: quoteForShell(directory),
        log: quoteForShell(log),
      }),
    },
  ];
}
