import { renderDestination } from "../core/destination.ts";
import type { PlatformConsumer } from "./platform-facts.ts";
import { indentForYaml, quoteForYaml } from "./quoting.ts";

/** How an RSA key in PEM begins: the one form that Estuary Flow asks for. */
const RSA_PEM = /^-----BEGIN RSA PRIVATE KEY-----\n/;

/** Whether a private key is in the form that Estuary Flow takes. */
export function isEstuaryKey(privateKey: string): boolean {
  return RSA_PEM.test(privateKey);
}

/**
 * Renders the `networkTunnel` of a connector's configuration in Estuary Flow.
 *
 * Flow forwards to the connector's own `address`, so that one names a bind port as it is seen from the bastion.
 *
 * @param privateKey an RSA key in PEM; a line that says what goes there when left out.
 */
export function renderEstuaryTunnel({ name, endpoint, tunnels }: PlatformConsumer, privateKey?: string): string {
  const addresses = tunnels.map((tunnel) => {
    const address = renderDestination({ host: tunnel.host, hostPort: tunnel.port });
    return `#   address: ${quoteForYaml(address)}  # ${tunnel.name}\n`;
  });
  return `# In the connector's configuration, beside this section, with the tunnel's address as it is seen from the bastion:
${addresses.join("")}networkTunnel:
  sshForwarding:
    sshEndpoint: ${quoteForYaml(endpoint)}
    privateKey: ${privateKey === undefined ? quoteForYaml(`PRIVATE KEY of consumer ${name}: RSA, in PEM`) : `|\n${indentForYaml(privateKey, 6)}`}
`;
}
