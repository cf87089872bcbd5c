import { z } from "zod";
import { GeneratedKeyKind } from "../components/core/bastion-spec.ts";
import { DEFAULTS } from "../components/core/defaults.ts";

/**
 * The shape of a customer's file. Only shapes and types: what values mean is checked by the core, which takes the
 * same specification from a program. The descriptions are what an editor shows.
 */

const name = (what: string) => z.string().describe(`Name of the ${what}: 1–40 of a–z, 0–9 and "-".`);
const cidrs = (who: string) => z.array(z.string()).describe(`CIDR blocks ${who}, such as 198.51.100.0/24.`);
const port = (what: string) => z.int().describe(what);

const tunnel = z.strictObject({
  name: name("tunnel"),
  destination: z
    .string()
    .optional()
    .describe("The data source as the customer's client sees it, host:port. Only used to write the customer's commands."),
  bindPort: port("Port on the bastion, 1024–32767. Left out, one is allocated and kept.").optional(),
  bindAddress: z
    .string()
    .optional()
    .describe(
      'Where the bind port listens: "all" interfaces (the default), "loopback" (reached by ssh -L), or one IPv4 address of the bastion.',
    ),
});

const peer = (what: string, verb: string) =>
  z.strictObject({
    name: name(what),
    publicKeys: z.array(z.string()).optional().describe("Public keys, each as in a .pub file. Either these or generateKey."),
    generateKey: z
      .enum(GeneratedKeyKind)
      .optional()
      .describe("Have a key pair made: ed25519, or rsa-pem for platforms that ask for an RSA key in PEM."),
    tunnels: z.array(z.string()).optional().describe(`Tunnels it may ${verb}. Left out: all.`),
    sourceCidrs: cidrs("its logins must come from").optional(),
    expiresAt: z.string().optional().describe("When its keys stop working: 2027-06-30 (the end of that day, UTC) or 2027-06-30T18:00Z."),
  });

const local = z.strictObject({
  host: z.string().optional().describe("Name or address that clients dial. Default: 127.0.0.1."),
  listenAddress: z.string().optional().describe("IPv4 address sshd listens on. Default: all."),
  directory: z.string().optional().describe("Folder for everything of this bastion, an absolute path."),
});

export const customerFileSchema = z.strictObject({
  customer: name("customer"),
  target: z.enum(["local"]).describe("What the bastion runs on."),
  local: local.optional().describe("Settings of the target local: the machine that pulumi up runs on."),
  clientCidrs: cidrs("that may reach sshd. No default: opening it to the world has to be written down"),
  consumerCidrs: cidrs("that may reach bind ports that are not on loopback. No default"),
  tunnels: z.array(tunnel).describe("Named bind ports on the bastion, one for each data source."),
  clients: z.array(peer("client", "open")).describe("Who opens tunnels: the customer's agents, running ssh -R."),
  consumers: z.array(peer("consumer", "reach")).optional().describe("Who uses tunnels by SSH: the platform, running ssh -L."),
  sshPort: port(`Port sshd listens on. Default: ${DEFAULTS.sshPort}.`).optional(),
  tunnelUser: z.string().optional().describe(`User that clients log in as. Default: ${DEFAULTS.tunnelUser}.`),
  consumerUser: z.string().optional().describe(`User that consumers log in as. Default: ${DEFAULTS.consumerUser}.`),
  bindPortRange: z
    .strictObject({ first: port("The lowest."), last: port("The highest.") })
    .optional()
    .describe(`Ports to allocate bind ports from. Default: ${DEFAULTS.bindPortRange.first}–${DEFAULTS.bindPortRange.last}.`),
  reservedPorts: z.array(port("A port.")).optional().describe("Ports that no tunnel may have."),
  legacyCiphers: z.boolean().optional().describe("Also accept AES-CTR, for dropbear and PuTTY before 0.79."),
});

/** A customer's file, once its shape is right. */
export type CustomerFile = z.infer<typeof customerFileSchema>;
