import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isDeepStrictEqual } from "node:util";
import type { ApiConnection } from "../../cluster/api-transport.ts";
import { parseKubeconfig } from "../../cluster/kubeconfig.ts";
import { type Properties, withoutSecrets } from "../plugin/values.ts";
import { isPlainObject } from "./object/plain.ts";
import type { Mutability } from "./object/replacing-fields.ts";

const UNREADABLE =
  "unable to load Kubernetes client configuration from kubeconfig file. Make sure you have: \n\n \t • set up the provider as per " +
  "https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ \n\n ";

/** Settings that would have the provider do something else altogether, which this one does not imitate. */
const NOT_IMITATED = ["cluster", "clusterIdentifier", "renderYamlToDirectory", "helmReleaseSettings", "strictMode"];

/** What a provider is told to do, and for which cluster. */
export interface Configuration {
  readonly cluster: Cluster;
  readonly mutability: Mutability;
  /** Creations take over what exists. */
  readonly upsertsExistingObjects: boolean;
  /** Every update takes fields from their managers. */
  readonly forcesPatches: boolean;
  readonly forgetsUnreachable: boolean;
}

/** A cluster, or why there is none. */
export type Cluster = { readonly connection: ApiConnection; readonly namespace: string } | { readonly unreachable: string };

/** Understands the settings of a provider as the engine sends them, in which everything but text is JSON. */
export function parseConfiguration(given: Properties): Configuration {
  const settings = withoutSecrets(given) as Properties;
  for (const name of NOT_IMITATED) if (settings[name]) throw new Error(`this stand-in does not know the provider's setting ${name}`);
  if (isOn(settings.enableServerSideApply, "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", true) === false)
    throw new Error("this stand-in does not know client-side apply");
  return {
    cluster: findCluster(settings),
    mutability: {
      configMap: isOn(settings.enableConfigMapMutable, "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
      secret: isOn(settings.enableSecretMutable, "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    },
    upsertsExistingObjects: isOn(settings.upsertExistingObjects, "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    forcesPatches: isOn(settings.enablePatchForce, "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    forgetsUnreachable: isOn(settings.deleteUnreachable, "PULUMI_K8S_DELETE_UNREACHABLE"),
  };
}

/** Which settings have changed, and which of them mean another cluster, and so other objects. */
export function compareConfigurations(before: Properties, after: Properties): { changed: string[]; replacing: string[] } {
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  const [former, latter] = [before, after].map((settings) => findCluster(withoutSecrets(settings) as Properties));
  if (former === undefined || latter === undefined || "unreachable" in former || "unreachable" in latter) return { changed, replacing: [] };
  const identity = ({ connection: { server, certificateAuthority } }: typeof former) => [server, certificateAuthority];
  const isAnother = !isDeepStrictEqual(identity(former), identity(latter));
  return { changed, replacing: isAnother ? changed.filter((name) => name === "kubeconfig" || name === "context") : [] };
}

function findCluster(settings: Properties): Cluster {
  const { kubeconfig, context, namespace } = settings;
  try {
    const { namespace: ofContext, ...connection } = parseKubeconfig(readKubeconfig(kubeconfig), asText(context));
    return { connection, namespace: asText(namespace) ?? ofContext ?? "default" };
  } catch (error) {
    return { unreachable: UNREADABLE + (error as Error).message };
  }
}

/** A kubeconfig is given as the path of one, as its text or as an object; without it, it is where kubectl has it. */
function readKubeconfig(given: unknown): string {
  if (isPlainObject(given)) return JSON.stringify(given);
  const [first] = (process.env.KUBECONFIG ?? "").split(":");
  const pathOrText = asText(given) ?? (first || join(homedir(), ".kube/config"));
  const path = pathOrText.replace(/^~(?=\/|$)/, homedir());
  if (existsSync(path)) return readFileSync(path, "utf8");
  if (!pathOrText.includes("\n") && !pathOrText.startsWith("{")) throw new Error(`there is no kubeconfig ${path}`);
  return pathOrText;
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isOn(setting: unknown, variable: string, byDefault = false): boolean {
  const value = setting ?? process.env[variable];
  return value === undefined ? byDefault : `${value}` === "true";
}
