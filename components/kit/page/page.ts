import { parseDestination, renderDestination } from "../../core/destination.ts";
import { knownHostsName } from "../../core/known-hosts.ts";
import type { KitFacts, KitTunnel } from "../kit-facts.ts";
import type { KitFile } from "../kit-file.ts";
import { breakable, fillHtml, fillHtmlForEach } from "./html.ts";
import { readOwnCode } from "./own-code.ts";

/**
 * Renders the page of a kit: everything a customer has to do, in one file that asks nothing of any network.
 *
 * @param files what else is in the kit; the page shows it to those who were given the page alone.
 */
export function renderPage(facts: KitFacts, files: readonly KitFile[]): string {
  const { customer, client, host, sshPort, user, keyFile, serviceName, hostKeys, tunnels } = facts;
  const example = firstOf(tunnels, "tunnel");
  const destination = parseDestination(example.destination);
  const { type, fingerprint } = expectedOf(hostKeys);
  return fillHtml("page.html", {
    ...readOwnCode(),
    customer,
    client,
    host,
    hostInPicture: breakable(host),
    sshPort: `${sshPort}`,
    endpoint: renderDestination({ host, hostPort: sshPort }),
    knownHostsName: knownHostsName({ host, sshPort }),
    user,
    keyFile,
    serviceName,
    hostKey: `${type} ${fingerprint}`,
    opened: fillHtmlForEach("opened.html", tunnels, (tunnel) => ({ line: renderOpened(tunnel) })),
    bindPort: `${example.bindPort}`,
    destinationHost: destination.host,
    destinationPort: `${destination.hostPort}`,
    sources: fillHtmlForEach("source.html", tunnels, ({ destination }) => ({ destination: breakable(destination) })),
    tunnels: fillHtmlForEach("tunnel.html", tunnels, ({ name, destination, bindPort }) => ({ name, destination, bindPort: `${bindPort}` })),
    hostKeys: fillHtmlForEach("host-key.html", hostKeys, ({ type, fingerprint }) => ({ type, fingerprint })),
    files: fillHtmlForEach("file.html", files, ({ path, content }) => ({ path, content })),
  }).source;
}

/** The line that `ssh -v` prints for a tunnel that has been opened. It knows addresses without brackets. */
function renderOpened({ remoteForward, destination }: KitTunnel): string {
  const listen = remoteForward.slice(0, -`:${destination}`.length);
  return `debug1: remote forward success for: listen ${listen}, connect ${destination.replaceAll(/[[\]]/g, "")}`;
}

/** The host key that an up-to-date ssh asks for. */
function expectedOf(hostKeys: KitFacts["hostKeys"]): KitFacts["hostKeys"][number] {
  return hostKeys.find(({ type }) => type === "ssh-ed25519") ?? firstOf(hostKeys, "host key");
}

function firstOf<T>([first]: readonly T[], what: string): T {
  if (first === undefined) throw new RangeError(`a page needs at least one ${what}`);
  return first;
}
