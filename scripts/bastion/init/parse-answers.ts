import { type ExposureSpec, ExposureKind as Kind, type LoadBalancerCloud } from "../../../components/core/kubernetes/exposure-spec.ts";
import { looksLikePrivateKey, quoteForMessage } from "../../../components/core/problem.ts";
import type { ClientDraft, TunnelDraft } from "./customer-draft.ts";

/** An answer that is not even of its form. */
export class UnreadableAnswer extends Error {
  override readonly name = "UnreadableAnswer";
}

/** Gives the content of a file that an answer names, relative to where the command was typed. */
export type ReadFile = (path: string) => string;

/** Parses `name=host:port` or `name=host:port@bindPort`. */
export function parseTunnel(text: string): TunnelDraft {
  const { groups } = /^(?<name>[^=]*)=(?<destination>[^@]*)(?:@(?<bindPort>\d{1,5}))?$/.exec(text) ?? {};
  const { name, destination, bindPort } = groups ?? {};
  if (!name || !destination)
    throw new UnreadableAnswer(`got ${quoteForMessage(text)}; expected name=host:port, or name=host:port@bindPort`);
  return { name, destination, ...(bindPort === undefined ? {} : { bindPort: Number(bindPort) }) };
}

/** Parses `name`, whose key is to be made, or `name=publicKeyFile`. */
export function parseClient(text: string, readFile: ReadFile): ClientDraft {
  const separator = text.indexOf("=");
  if (separator === -1) return { name: text, generateKey: "ed25519" };
  const path = text.slice(separator + 1);
  return { name: text.slice(0, separator), publicKeys: parsePublicKeys(path, readKeyFile(path, readFile)) };
}

function readKeyFile(path: string, readFile: ReadFile): string {
  try {
    return readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UnreadableAnswer(`${quoteForMessage(path)} cannot be read (${code}); name the client's .pub file`);
  }
}

function parsePublicKeys(path: string, content: string): readonly string[] {
  if (looksLikePrivateKey(content))
    throw new UnreadableAnswer(`${quoteForMessage(path)} is a private key, which stays with the client; name its .pub file`);
  const lines = content.split("\n").map((line) => line.trim());
  const keys = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (keys.length === 0) throw new UnreadableAnswer(`${quoteForMessage(path)} has no key in it; name the client's .pub file`);
  return keys;
}

/** Parses a kind of exposure with its setting, such as `load-balancer=aws`. */
export function parseExposure(text: string): ExposureSpec {
  const separator = text.indexOf("=");
  const kind = separator === -1 ? text : text.slice(0, separator);
  const setting = separator === -1 ? "" : text.slice(separator + 1);
  switch (kind) {
    case Kind.LoadBalancer:
      return { kind, loadBalancer: { cloud: required(setting, "load-balancer=aws") as LoadBalancerCloud } };
    case Kind.NodePort:
      if (!/^\d{1,5}$/.test(setting)) throw new UnreadableAnswer(`got ${quoteForMessage(text)}; expected something like node-port=30022`);
      return { kind, nodePort: Number(setting) };
    case Kind.GatewayTcpRoute: {
      const [name = "", sectionName = ""] = setting.split("/");
      if (name === "" || sectionName === "")
        throw new UnreadableAnswer(
          `got ${quoteForMessage(text)}; expected gateway-tcp-route=GATEWAY/SECTION, the section being its TCP listener`,
        );
      return { kind, gateway: { name, sectionName } };
    }
    case Kind.NginxTcpServices:
    case Kind.None:
      if (setting !== "") throw new UnreadableAnswer(`got ${quoteForMessage(text)}; ${kind} has no setting`);
      return { kind };
    default:
      throw new UnreadableAnswer(`got ${quoteForMessage(text)}; allowed is ${Object.values(Kind).join(", ")}`);
  }
}

function required(setting: string, example: string): string {
  if (setting === "") throw new UnreadableAnswer(`says too little; expected something like ${example}`);
  return setting;
}
