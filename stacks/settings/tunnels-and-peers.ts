import { z } from "zod";
import { GeneratedKeyKind } from "../../components/core/bastion-spec.ts";
import { cidrs, name, port } from "./fields.ts";

/** A tunnel. */
export const tunnel = z.strictObject({
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

/** Whoever logs in; by itself, an operator. */
export const login = (what: string) =>
  z.strictObject({
    name: name(what),
    publicKeys: z.array(z.string()).optional().describe("Public keys, each as in a .pub file. Either these or generateKey."),
    generateKey: z
      .enum(GeneratedKeyKind)
      .optional()
      .describe("Have a key pair made: ed25519, or rsa-pem for platforms that ask for an RSA key in PEM."),
    keyGeneration: z
      .int()
      .optional()
      .describe("Which generated key pair it has, counted from 1: the next number has another one made. Default: 1."),
    keepPreviousKey: z
      .boolean()
      .optional()
      .describe("Also accept the generated key of the generation before, while its holder changes over."),
    sourceCidrs: cidrs("its logins must come from").optional(),
    expiresAt: z.string().optional().describe("When its keys stop working: 2027-06-30 (the end of that day, UTC) or 2027-06-30T18:00Z."),
  });

/** A client or a consumer. */
export const peer = (what: string, verb: string) =>
  login(what).extend({
    certificateAuthorities: z
      .array(z.string())
      .optional()
      .describe(
        "Public keys of authorities, each as in a .pub file: their OpenSSH certificates log it in, beside its keys or instead of them.",
      ),
    certificatePrincipals: z
      .array(z.string())
      .optional()
      .describe("Principals of which its certificates have to name one. Left out: its name."),
    tunnels: z.array(z.string()).optional().describe(`Tunnels it may ${verb}. Left out: all.`),
  });
