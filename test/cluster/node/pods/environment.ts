import type { Container, EnvironmentSource, EnvironmentVariable, KeyReference } from "../api/pod.ts";
import type { KeyedData } from "../api/volume.ts";
import { API_SERVICE_PORT } from "../network/api-server.ts";
import { NotThereYet, type VolumeContents, valuesOf } from "../volumes/volume-files.ts";
import type { NodeImage } from "./image.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Where a container is, as far as its environment says so. */
export interface EnvironmentPlaces {
  readonly hostname: string;
  /** Address of the Service that is the API server, once there is one. */
  readonly apiServer: string | undefined;
}

/**
 * Environment of a container. Of Services it has the API server, as every container does; those of its namespace are left
 * out: nothing in a test may rely on them.
 */
export function environmentOf(
  container: Container,
  image: NodeImage,
  { hostname, apiServer }: EnvironmentPlaces,
  contents: VolumeContents,
): Record<string, string> {
  const environment: Record<string, string> = { PATH, HOSTNAME: hostname, ...image.environment };
  if (apiServer !== undefined) {
    environment.KUBERNETES_SERVICE_HOST = apiServer;
    environment.KUBERNETES_SERVICE_PORT = `${API_SERVICE_PORT}`;
  }
  for (const source of container.envFrom ?? []) Object.assign(environment, variablesOf(source, contents));
  for (const variable of container.env ?? []) {
    const value = valueOfVariable(variable, contents);
    if (value !== undefined) environment[variable.name] = expand(value, environment);
  }
  return environment;
}

/** Puts values in place of `$(NAME)`; `$$(NAME)` stays as `$(NAME)`, and what has no value stays as it is. */
export function expand(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(\$|\(([^)]+)\))/g, (whole, inner: string, name: string) =>
    inner === "$" ? "$" : (environment[name] ?? whole),
  );
}

function variablesOf({ prefix = "", configMapRef, secretRef }: EnvironmentSource, contents: VolumeContents): Record<string, string> {
  const reference = configMapRef ?? secretRef;
  if (reference === undefined) return {};
  const [word, find] = finder(configMapRef === undefined ? "secret" : "configmap", contents);
  const object = find(reference.name);
  if (object === undefined && reference.optional !== true) throw new NotThereYet(`${word} "${reference.name}" not found`);
  const values = object === undefined ? [] : [...valuesOf(object)];
  return Object.fromEntries(values.map(([key, value]) => [`${prefix}${key}`, value.toString("utf8")]));
}

function valueOfVariable({ value = "", valueFrom }: EnvironmentVariable, contents: VolumeContents): string | undefined {
  if (valueFrom === undefined) return value;
  const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom;
  if (fieldRef !== undefined) return contents.field(fieldRef.fieldPath);
  if (configMapKeyRef !== undefined) return keyOf("configmap", configMapKeyRef, contents);
  if (secretKeyRef !== undefined) return keyOf("secret", secretKeyRef, contents);
  throw new Error("this node knows variables from ConfigMaps, Secrets and fields of the pod");
}

function keyOf(kind: "configmap" | "secret", { name, key, optional }: KeyReference, contents: VolumeContents): string | undefined {
  const [word, find] = finder(kind, contents);
  const object = find(name);
  const value = object === undefined ? undefined : valuesOf(object).get(key);
  if (value !== undefined || optional === true) return value?.toString("utf8");
  throw new NotThereYet(object === undefined ? `${word} "${name}" not found` : `couldn't find key ${key} in ${word} ${name}`);
}

function finder(kind: "configmap" | "secret", contents: VolumeContents): [string, (name: string) => KeyedData | undefined] {
  return [kind, kind === "secret" ? contents.secret : contents.configMap];
}
