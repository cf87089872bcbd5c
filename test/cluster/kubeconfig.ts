import { parse } from "yaml";
import type { ApiConnection } from "./api-transport.ts";

/** Renders the file that kubectl, Pulumi and controllers find a cluster by. It is JSON, which is YAML too. */
export function renderKubeconfig(connection: ApiConnection): string {
  const { server, certificateAuthority, clientCertificate, clientKey, token } = connection;
  const user = {
    ...(clientCertificate === undefined ? {} : { "client-certificate-data": toBase64(clientCertificate) }),
    ...(clientKey === undefined ? {} : { "client-key-data": toBase64(clientKey) }),
    ...(token === undefined ? {} : { token }),
  };
  const config: Kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: NAME, cluster: { server, "certificate-authority-data": toBase64(certificateAuthority) } }],
    users: [{ name: NAME, user }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME } }],
    "current-context": NAME,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** Reads such a file, for one of its contexts. Everything has to be in it: files that it names are not read. */
export function parseKubeconfig(text: string, contextName?: string): ApiConnection & { readonly namespace?: string } {
  const config = parse(text) as Kubeconfig;
  const wanted = contextName ?? config["current-context"];
  const context = config.contexts.find(({ name }) => name === wanted)?.context;
  if (context === undefined) throw new Error(`this kubeconfig has no context ${wanted}`);
  const cluster = config.clusters.find(({ name }) => name === context.cluster)?.cluster;
  if (cluster === undefined) throw new Error(`this kubeconfig has no cluster ${context.cluster}`);
  const authority = cluster["certificate-authority-data"];
  if (authority === undefined) throw new Error(`this kubeconfig has no certificate authority of ${context.cluster}`);
  const user = config.users.find(({ name }) => name === context.user)?.user ?? {};
  const { "client-certificate-data": certificate, "client-key-data": key, token } = user;
  return {
    server: cluster.server,
    certificateAuthority: fromBase64(authority),
    ...(certificate === undefined ? {} : { clientCertificate: fromBase64(certificate) }),
    ...(key === undefined ? {} : { clientKey: fromBase64(key) }),
    ...(token === undefined ? {} : { token }),
    ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
  };
}

const NAME = "test";

interface Kubeconfig {
  readonly apiVersion: "v1";
  readonly kind: "Config";
  readonly clusters: readonly { readonly name: string; readonly cluster: KubeconfigCluster }[];
  readonly users: readonly { readonly name: string; readonly user: KubeconfigUser }[];
  readonly contexts: readonly { readonly name: string; readonly context: KubeconfigContext }[];
  readonly "current-context": string;
}

interface KubeconfigCluster {
  readonly server: string;
  readonly "certificate-authority-data"?: string;
}

interface KubeconfigUser {
  readonly "client-certificate-data"?: string;
  readonly "client-key-data"?: string;
  readonly token?: string;
}

interface KubeconfigContext {
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
