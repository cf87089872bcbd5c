import { ApiClient } from "../../cluster/api.ts";
import type { ApiObject } from "../../cluster/api-objects.ts";
import { isRefusal } from "../../cluster/api-transport.ts";
import type { EngineLog } from "../plugin/engine-log.ts";
import { UnfinishedError } from "../plugin/unfinished-error.ts";
import { hasUnknown, type Properties, withoutSecrets } from "../plugin/values.ts";
import { type Configuration, compareConfigurations, parseConfiguration } from "./configuration.ts";
import { Annotation, annotationOf, isAnnotated, propagationPolicyOf, timeoutSecondsOf } from "./object/annotations.ts";
import { markedLike, parseCheckpoint, renderCheckpoint } from "./object/checkpoint.ts";
import { type Difference, differences } from "./object/difference.ts";
import { idOf, parseId, placed } from "./object/identity.ts";
import { type Naming, named, newFieldManager } from "./object/naming.ts";
import { normalForm } from "./object/normal-form.ts";
import { withValueAt } from "./object/plain.ts";
import { IDENTITY, replacingFields } from "./object/replacing-fields.ts";
import { resourceNameOf, resourceTypeOf } from "./object/resource-type.ts";
import { inShapeOf, withoutLeftOut } from "./object/shape.ts";
import { awaitDeleted, NotDeletedError } from "./readiness/await-deleted.ts";
import { awaitReady, checkReady, NotReadyError } from "./readiness/await-ready.ts";
import { createObject, keyOf, lacksNamespace, NoSuchKindError, relinquish, updateObject, type WriteContext } from "./write.ts";

/** Kinds of which `skipAwait` means the deletion as well. */
const UNAWAITED_DELETIONS = [
  "apps/v1/DaemonSet",
  "apps/v1/Deployment",
  "apps/v1/StatefulSet",
  "batch/v1/Job",
  "v1/Namespace",
  "v1/Pod",
  "v1/ReplicationController",
];

interface Operation {
  readonly urn: string;
}

interface Timed {
  /** 0 without any. */
  readonly timeoutSeconds: number;
}

interface Previewed {
  readonly isPreview: boolean;
}

/**
 * The `kubernetes` provider of Pulumi, as far as programs can tell: what the engine asks of it, done to the cluster of a
 * kubeconfig. There is no other state than the API server's. Secrets in properties are marked.
 */
export class KubernetesProvider {
  readonly #log: EngineLog;
  readonly #cancelled = new AbortController();
  #configuration: Configuration | undefined;
  #api: ApiClient | undefined;
  #unreachable = "the provider has not been configured";

  constructor(log: EngineLog) {
    this.#log = log;
  }

  /** Has everything that waits give up. */
  cancel(): void {
    this.#cancelled.abort();
  }

  diffConfig(before: Properties, after: Properties): { changed: string[]; replacing: string[] } {
    return compareConfigurations(before, after);
  }

  /** Takes the settings. A cluster that cannot be reached is no error until something is to be done to it. */
  async configure(settings: Properties): Promise<void> {
    this.#configuration = parseConfiguration(settings);
    const { cluster } = this.#configuration;
    if ("unreachable" in cluster) {
      this.#unreachable = cluster.unreachable;
      return;
    }
    const api = new ApiClient(cluster.connection);
    try {
      await api.request({ method: "GET", path: "/version" });
      this.#api = api;
    } catch (error) {
      this.#unreachable = `unable to load schema information from the API server: ${(error as Error).message}`;
    }
  }

  /** Gives inputs with everything filled in that the provider decides: spelling, name, namespace. */
  async check({ urn, former, given, ...naming }: Operation & Naming & { former: Properties; given: Properties }): Promise<Properties> {
    const { kind, isPatch } = resourceTypeOf(urn);
    const asked = normalForm(withoutSecrets(given) as Properties);
    if (isPatch && !asked.metadata.name) throw new Error("patch resources require the `.metadata.name` field to be set");
    const before = Object.keys(former).length === 0 ? undefined : (withoutSecrets(former) as ApiObject);
    const inputs = named(asked, before, resourceNameOf(urn), naming);
    const { cluster } = this.#configured;
    if ("unreachable" in cluster || inputs.metadata.namespace || !(await this.#isNamespaced(kind))) return markedLike(inputs, given);
    return markedLike({ ...inputs, metadata: { ...inputs.metadata, namespace: cluster.namespace } }, given);
  }

  /** Compares what is asked for with the object as state has it. */
  async diff({ urn, former, asked, ignored }: Operation & { former: Properties; asked: Properties; ignored: readonly string[] }): Promise<{
    differences: Difference[];
    deleteBeforeReplace: boolean;
  }> {
    const { kind, isPatch } = resourceTypeOf(urn);
    const { inputs: formerInputs, live } = parseCheckpoint(former);
    const before = normalForm(formerInputs);
    const plain = normalForm(withoutSecrets(asked) as Properties);
    const isNamespaced = await this.#isNamespaced(kind);
    const actual = placed({ apiVersion: live.apiVersion, kind: live.kind, ...inShapeOf(live, before) }, isNamespaced, live.metadata.name);
    const inputs = placed(withoutLeftOut(plain, before, live), isNamespaced, plain.metadata.name);
    const replacing = isPatch ? IDENTITY : replacingFields(plain, this.#configured.mutability);
    const found = differences(actual, inputs, replacing).filter(({ path }) => !ignored.some((one) => isWithin(path, one)));
    const { name, namespace } = (inputs as unknown as ApiObject).metadata;
    const keepsName = !isAnnotated(plain, Annotation.Autonamed) && name === live.metadata.name && namespace === live.metadata.namespace;
    return { differences: found, deleteBeforeReplace: keepsName && found.some(({ replaces }) => replaces) };
  }

  /** Creates an object and waits for it. In a preview, the API server is asked whether it would. */
  async create({ urn, asked, timeoutSeconds, isPreview }: Operation & Timed & Previewed & { asked: Properties }): Promise<{
    id: string;
    state: Properties;
  }> {
    const { isPatch } = resourceTypeOf(urn);
    const inputs = withoutSecrets(asked) as ApiObject;
    if (isPreview && (isPatch || !(await this.#canPreview(inputs)))) return { id: "", state: asked };
    const context = this.#writeContext(annotationOf(inputs, Annotation.PatchFieldManager) ?? newFieldManager(), isPreview);
    const state = (live: ApiObject) => renderCheckpoint({ inputs, live, fieldManager: context.fieldManager }, asked);
    try {
      const created = await createObject(context, inputs, isPatch || this.#configured.upsertsExistingObjects);
      if (isPreview) return { id: "", state: state(withValueAt(created, ["status"], undefined) as ApiObject) };
      const timeout = timeoutSecondsOf(inputs, timeoutSeconds);
      const live = await this.#awaited(created, () => awaitReady(context.api, inputs, created, timeout, this.#cancelled.signal));
      return { id: idOf(live), state: state(live) };
    } catch (error) {
      if (isPreview && (isRefusal(error, "Forbidden", "AlreadyExists") || lacksNamespace(error))) return { id: "", state: asked };
      if (error instanceof NotReadyError) {
        const { object, message, reasons } = error;
        const explained =
          `resource "${urn}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize ` +
          `or become live: ${message}`;
        throw new UnfinishedError(explained, { id: idOf(object), state: state(object), reasons });
      }
      throw new Error(explainCreation(urn, inputs, error));
    }
  }

  /** Looks at an object: what is there, and what its inputs would be. `undefined` when it is gone. */
  async read({
    urn,
    id,
    former,
    inputs,
  }: Operation & { id: string; former: Properties; inputs: Properties }): Promise<
    { id: string; state: Properties; inputs: Properties } | undefined
  > {
    if (this.#api === undefined) {
      await this.#log.warn(urn, `configured Kubernetes cluster is unreachable: ${this.#unreachable}`);
      if (this.#configured.forgetsUnreachable) return undefined;
      throw new Error(`failed to read resource state due to unreachable cluster. ${FORGET}`);
    }
    const { kind } = resourceTypeOf(urn);
    const checkpoint = parseCheckpoint(former);
    const asked = normalForm(withoutSecrets(inputs) as Properties);
    const isImport = asked.kind === undefined;
    if (!(await this.#api.knows(kind))) return undefined;
    const live = await this.#api.find(kind, parseId(id));
    if (live === undefined) return undefined;
    const found = isImport ? withValueAt(normalForm(live), ["status"], undefined) : inShapeOf(live, asked);
    const { fieldManager = newFieldManager(), firstApiVersion } = checkpoint;
    const state = renderCheckpoint(
      { inputs: found, live, fieldManager, ...(firstApiVersion === undefined ? {} : { firstApiVersion }) },
      inputs,
    );
    const answer = { id, state, inputs: markedLike(found, inputs) };
    try {
      if (!isImport) await checkReady(this.#api, asked, live);
      return answer;
    } catch (error) {
      if (error instanceof NotReadyError) throw new UnfinishedError(error.message, { ...answer, reasons: error.reasons });
      throw error;
    }
  }

  /** Changes an object and waits for it. */
  async update({
    urn,
    former,
    asked,
    ignored,
    timeoutSeconds,
    isPreview,
  }: Operation & Timed & Previewed & { former: Properties; asked: Properties; ignored: readonly string[] }): Promise<Properties> {
    const { isPatch } = resourceTypeOf(urn);
    const inputs = normalForm(withoutSecrets(asked) as Properties);
    if (isPreview && !(await this.#canPreview(inputs))) return asked;
    const { inputs: formerInputs, live: formerLive, fieldManager: remembered, firstApiVersion } = parseCheckpoint(former);
    const formerManager = annotationOf(formerInputs as ApiObject, Annotation.PatchFieldManager) ?? remembered ?? newFieldManager();
    const fieldManager = annotationOf(inputs, Annotation.PatchFieldManager) ?? remembered ?? newFieldManager();
    const context = this.#writeContext(fieldManager, isPreview);
    const state = (live: ApiObject) =>
      renderCheckpoint({ inputs, live, fieldManager, ...(firstApiVersion === undefined ? {} : { firstApiVersion }) }, asked);
    try {
      const updated = await updateObject(context, inputs, { isPatch, ignored });
      if (isPreview) return state(updated);
      const timeout = timeoutSecondsOf(inputs, timeoutSeconds);
      const live = await this.#awaited(updated, () => awaitReady(context.api, inputs, updated, timeout, this.#cancelled.signal));
      if (formerManager !== fieldManager) await relinquish(context.api, live, formerManager);
      return state(live);
    } catch (error) {
      if (isPreview && isRefusal(error, "Forbidden")) return asked;
      const live = await context.api.get(inputs, keyOf(formerLive)).catch((second: Error) => {
        throw new Error(`update of resource "${urn}" failed: ${(error as Error).message}\nunable to get cluster state: ${second.message}`);
      });
      const id = idOf(live);
      const explained = `the Kubernetes API server reported that "${id}" failed to fully initialize or become live: ${(error as Error).message}`;
      throw new UnfinishedError(explained, { id, state: state(live), reasons: error instanceof NotReadyError ? error.reasons : [] });
    }
  }

  /** Deletes an object and waits until it is gone; of a patch, only its fields go. */
  async delete({ urn, id, former, timeoutSeconds }: Operation & Timed & { id: string; former: Properties }): Promise<void> {
    if (this.#api === undefined) {
      await this.#log.warn(urn, `configured Kubernetes cluster is unreachable: ${this.#unreachable}`);
      if (this.#configured.forgetsUnreachable) return;
      throw new Error(`configured Kubernetes cluster is unreachable. ${FORGET}`);
    }
    const { kind, isPatch } = resourceTypeOf(urn);
    const checkpoint = parseCheckpoint(former);
    const inputs = checkpoint.inputs as ApiObject;
    if (!(await this.#api.knows(kind))) return;
    if (isPatch) {
      const fieldManager = annotationOf(inputs, Annotation.PatchFieldManager) ?? checkpoint.fieldManager;
      if (fieldManager !== undefined) await relinquish(this.#api, checkpoint.live, fieldManager);
      return;
    }
    const key = parseId(id);
    try {
      await this.#api.delete(kind, key, { propagationPolicy: propagationPolicyOf(inputs) });
      if (isAnnotated(inputs, Annotation.SkipAwait) && UNAWAITED_DELETIONS.includes(`${kind.apiVersion}/${kind.kind}`)) return;
      const live = { ...checkpoint.live, ...kind };
      await awaitDeleted(this.#api, live, key, timeoutSecondsOf(inputs, timeoutSeconds), this.#cancelled.signal);
    } catch (error) {
      if (isRefusal(error, "NotFound")) return;
      if (!(error instanceof NotDeletedError)) throw error;
      const { object, message } = error;
      const finalizers = object.metadata.finalizers ?? [];
      await this.#log.warn(urn, `finalizers might be preventing deletion (${finalizers.join(", ")})`);
      throw new UnfinishedError(message, { id, state: renderCheckpoint({ ...checkpoint, live: object }, former) });
    }
  }

  /** What is there counts, also when waiting for it has failed. */
  async #awaited(live: ApiObject, wait: () => Promise<ApiObject>): Promise<ApiObject> {
    try {
      return await wait();
    } catch (error) {
      if (error instanceof NotReadyError) throw error;
      throw new NotReadyError((error as Error).message, { object: live, complaints: [] });
    }
  }

  #writeContext(fieldManager: string, isPreview: boolean): WriteContext {
    if (this.#api === undefined) throw new Error(`configured Kubernetes cluster is unreachable: ${this.#unreachable}`);
    return { api: this.#api, fieldManager, isPreview, isForced: this.#configured.forcesPatches };
  }

  async #canPreview(inputs: ApiObject): Promise<boolean> {
    return this.#api !== undefined && !hasUnknown(inputs) && (await this.#api.knows(inputs));
  }

  /** A kind that the cluster does not know yet may be defined by the same program; most are in a namespace. */
  async #isNamespaced(kind: ApiObject | { apiVersion: string; kind: string }): Promise<boolean> {
    return this.#api === undefined || !(await this.#api.knows(kind)) || this.#api.isNamespaced(kind);
  }

  get #configured(): Configuration {
    if (this.#configuration === undefined) throw new Error(this.#unreachable);
    return this.#configuration;
  }
}

const FORGET =
  "If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the " +
  'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"';

function explainCreation(urn: string, { apiVersion, kind }: ApiObject, error: unknown): string {
  const { message } = error as Error;
  if (!(error instanceof NoSuchKindError)) return `resource "${urn}" was not successfully created by the Kubernetes API server: ${message}`;
  return (
    `creation of resource "${urn}" with kind ${apiVersion}/${kind} failed because the Kubernetes API server reported that the ` +
    `apiVersion for this resource does not exist. Verify that any required CRDs have been created: ${message}`
  );
}

function isWithin(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}
