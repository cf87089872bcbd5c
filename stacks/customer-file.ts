import { z } from "zod";
import { DEFAULTS, defaultStatusPort } from "../components/core/defaults.ts";
import { awsSettings } from "./settings/aws.ts";
import { azureSettings } from "./settings/azure.ts";
import { dnsSettings } from "./settings/dns.ts";
import { cidrs, name, port } from "./settings/fields.ts";
import { gcpSettings } from "./settings/gcp.ts";
import { kubernetesSettings } from "./settings/kubernetes.ts";
import { localSettings } from "./settings/local.ts";
import { privateEndpoint, privateLinkService } from "./settings/private-link.ts";
import { login, peer, tunnel } from "./settings/tunnels-and-peers.ts";

/**
 * The shape of a customer's file. Only shapes and types: what values mean is checked by the core, which takes the
 * same specification from a program. The descriptions are what an editor shows.
 */

/** What may stand beside a bastion, and alone. */
const privateLink = {
  privateEndpoints: z.array(privateEndpoint).optional().describe("Azure Private Link: addresses that lead to services of the customer."),
  privateLinkServices: z.array(privateLinkService).optional().describe("Azure Private Link: services that others may connect to."),
};

/** A file with a bastion. */
export const customerFileSchema = z.strictObject({
  customer: name("customer"),
  target: z.enum(["aws", "azure", "gcp", "kubernetes", "local"]).describe("What the bastion runs on; private-link is a file without one."),
  aws: awsSettings.optional().describe("Settings of the target aws: a machine on EC2."),
  azure: azureSettings.optional().describe("Settings of the target azure: a virtual machine on Azure."),
  gcp: gcpSettings.optional().describe("Settings of the target gcp: a machine on Compute Engine."),
  kubernetes: kubernetesSettings.optional().describe("Settings of the target kubernetes: a pod in a cluster."),
  local: localSettings.optional().describe("Settings of the target local: the machine that pulumi up runs on."),
  clientCidrs: cidrs("that may reach sshd. No default: opening it to the world has to be written down"),
  consumerCidrs: cidrs("that may reach bind ports that are not on loopback. No default"),
  tunnels: z.array(tunnel).describe("Named bind ports on the bastion, one for each data source."),
  clients: z.array(peer("client", "open")).describe("Who opens tunnels: the customer's agents, running ssh -R."),
  consumers: z.array(peer("consumer", "reach")).optional().describe("Who uses tunnels by SSH: the platform, running ssh -L."),
  operators: z
    .array(login("operator"))
    .optional()
    .describe("Who reads the bastion's status and metrics by SSH, and may do nothing else: people on call, Prometheus."),
  sshPort: port(`Port sshd listens on. Default: ${DEFAULTS.sshPort}.`).optional(),
  statusPort: port(
    `Port on the bastion's loopback for operators; no tunnel may have it. Default: sshPort + 7200, so ${defaultStatusPort(DEFAULTS.sshPort)}.`,
  ).optional(),
  tunnelUser: z.string().optional().describe(`User that clients log in as. Default: ${DEFAULTS.tunnelUser}.`),
  consumerUser: z.string().optional().describe(`User that consumers and operators log in as. Default: ${DEFAULTS.consumerUser}.`),
  bindPortRange: z
    .strictObject({ first: port("The lowest."), last: port("The highest.") })
    .optional()
    .describe(`Ports to allocate bind ports from. Default: ${DEFAULTS.bindPortRange.first}–${DEFAULTS.bindPortRange.last}.`),
  reservedPorts: z.array(port("A port.")).optional().describe("Ports that no tunnel may have."),
  hostKeyGeneration: z
    .int()
    .optional()
    .describe(
      `Which pair of host keys sshd uses; count it up by one once the next ones have been announced. Default: ${DEFAULTS.hostKeyGeneration}.`,
    ),
  announceNextHostKeys: z
    .boolean()
    .optional()
    .describe("Make the next host keys, and announce them: OpenSSH clients with UpdateHostKeys learn them at their next login."),
  dns: dnsSettings.optional().describe("Name of the bastion in a zone of the target's own DNS service. Default: none."),
  penaltyExemptCidrs: cidrs("that share an address among many (NAT, load balancer) and are never shut out for failed logins").optional(),
  legacyCiphers: z.boolean().optional().describe("Also accept AES-CTR, for dropbear and PuTTY before 0.79."),
  ...privateLink,
});

/** A file without a bastion: the customer is reached by Azure Private Link. */
export const privateLinkFileSchema = z.strictObject({
  customer: name("customer"),
  target: z.literal("private-link").describe("No bastion: only what privateEndpoints and privateLinkServices say."),
  ...privateLink,
});

/** A customer's file with a bastion, once its shape is right. */
export type CustomerFile = z.infer<typeof customerFileSchema>;

/** A customer's file without one. */
export type PrivateLinkFile = z.infer<typeof privateLinkFileSchema>;
