import * as pulumi from "@pulumi/pulumi";
import { vi } from "vitest";

/** A resource as it arrived at the engine. */
export interface RegisteredResource {
  readonly type: string;
  readonly name: string;
  /** `type::name` of its parent, `undefined` for one at the top. */
  readonly parent: string | undefined;
  readonly custom: boolean;
  /** Without the marks of secrets. In a preview, what is not known is {@link pulumi.runtime.unknownValue}. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the inputs that are secret. */
  readonly secretInputs: readonly string[];
  /** Names of the outputs that the engine is to treat as secrets. */
  readonly secretOutputs: readonly string[];
  readonly options: RegisteredOptions;
}

/** What the engine was asked to do with a resource. */
export interface RegisteredOptions {
  /** `type::name` of everything that has to be there before, sorted: what its inputs come from, and its `dependsOn`. */
  readonly dependencies: readonly string[];
  /** `type::name` of an explicit provider. */
  readonly provider: string | undefined;
  readonly protect: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  /** What a replacement follows a change of. */
  readonly replacementTrigger: unknown;
}

/** A message of the program to its user. */
export interface LoggedMessage {
  readonly severity: "info" | "warn" | "error";
  readonly message: string;
  /** `type::name` of the resource it is about. */
  readonly resource: string | undefined;
}

export interface EngineOptions {
  /** What a provider adds to the inputs of a resource. In a preview: what it already knows. */
  readonly outputsOf?: (resource: RegisteredResource) => object;
  /** Answers of provider functions, by token; a call without one is an error. */
  readonly calls?: Readonly<Record<string, (inputs: Readonly<Record<string, unknown>>) => object>>;
  readonly preview?: boolean;
  readonly project?: string;
  readonly stack?: string;
}

/** A provider function that was called. */
export interface CalledFunction {
  readonly token: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** `type::name` of an explicit provider. */
  readonly provider: string | undefined;
}

export interface Deployed<T> {
  /** What `build` gave. */
  readonly result: T;
  /** What `build` threw, or what first came out wrong later, in an `apply` that nobody waits for. */
  readonly error: unknown;
  readonly registered: readonly RegisteredResource[];
  readonly called: readonly CalledFunction[];
  /** What components said their outputs are, by their `type::name`. Without the marks of secrets. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly logged: readonly LoggedMessage[];
}

/** The part of a request that `setMocks` does not hand on. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): { toJavaScript(): Record<string, unknown> };
  getAdditionalsecretoutputsList(): string[];
  getDependenciesList(): string[];
  getProvider(): string;
  getProtect(): boolean;
  getDeletebeforereplace(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getReplaceonchangesList(): string[];
  getReplacementTrigger(): { toJavaScript(): unknown } | undefined;
}

interface RegisterOutputsRequest {
  getUrn(): string;
  getOutputs(): { toJavaScript(): Record<string, unknown> };
}

/** Runs `build` on a mock engine; resolves once every registration has landed, so that absence proves something. */
export async function deploy<T>(build: () => T | Promise<T>, options: EngineOptions = {}): Promise<Deployed<Awaited<T>>> {
  const registered: RegisteredResource[] = [];
  const called: CalledFunction[] = [];
  const outputs: Record<string, Record<string, unknown>> = {};
  const logged: Promise<LoggedMessage>[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => {
      const resource = registered.findLast((candidate) => candidate.type === type && candidate.name === name);
      if (resource === undefined) throw new Error(`${type} ${name} was not recorded`);
      const state: Record<string, unknown> = { ...inputs, ...options.outputsOf?.(resource) };
      for (const key of resource.secretOutputs) if (state[key] !== undefined) state[key] = pulumi.secret(state[key]);
      return { id: resource.custom ? `${name}-id` : undefined, state };
    },
    call: ({ token, inputs, provider }) => {
      called.push({ token, inputs, provider: provider ? shortUrn(provider) : undefined });
      const answer = options.calls?.[token];
      if (answer === undefined) throw new Error(`unmocked provider call: ${token}`);
      return answer(inputs);
    },
  };
  await pulumi.runtime.setMocks(mocks, options.project ?? "project", options.stack ?? "stack", options.preview ?? false);
  record(registered, outputs);

  // Without an engine the SDK prints messages; what counts is what it was told to say, and about which resource.
  const spies = (["info", "warn", "error"] as const).map((severity) =>
    vi.spyOn(pulumi.log, severity).mockImplementation(async (message, resource) => {
      logged.push(nameOf(resource).then((name) => ({ severity, message, resource: name })));
    }),
  );

  const late = catchRejections();
  let result: unknown;
  let error: unknown;
  try {
    result = await build();
  } catch (thrown) {
    error = thrown;
  } finally {
    await pulumi.runtime.disconnect();
    error ??= (await late.stop())[0];
    for (const spy of spies) spy.mockRestore();
  }
  return { result: result as Awaited<T>, error, registered, called, outputs, logged: await Promise.all(logged) };
}

/** Takes note of rejections that nobody handles; the engine would print them and fail. */
function catchRejections(): { stop(): Promise<unknown[]> } {
  const event = "unhandledRejection";
  const rejections: unknown[] = [];
  const listeners = process.rawListeners(event) as ((reason: unknown, promise: Promise<unknown>) => void)[];
  process.removeAllListeners(event);
  process.on(event, (reason) => rejections.push(reason));
  return {
    async stop() {
      // Node reports them once the current turn is over.
      await new Promise((resolve) => setImmediate(resolve));
      process.removeAllListeners(event);
      for (const listener of listeners) process.on(event, listener);
      return rejections;
    },
  };
}

/** Notes every registration with its parent, its marks and its options, before the mock sees it. */
function record(registered: RegisteredResource[], outputs: Record<string, Record<string, unknown>>): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: RegisterRequest, callback: unknown): unknown;
    registerResourceOutputs(request: RegisterOutputsRequest, callback: unknown): unknown;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    const inputs = Object.entries(request.getObject().toJavaScript());
    registered.push({
      type: request.getType(),
      name: request.getName(),
      parent: request.getParent() === "" ? undefined : shortUrn(request.getParent()),
      custom: request.getCustom(),
      inputs: Object.fromEntries(inputs.map(([key, value]) => [key, withoutSecrets(value)])),
      secretInputs: inputs.filter(([, value]) => holdsSecret(value)).map(([key]) => key),
      secretOutputs: request.getAdditionalsecretoutputsList(),
      options: {
        dependencies: request.getDependenciesList().map(shortUrn).sort(),
        provider: request.getProvider() === "" ? undefined : shortUrn(request.getProvider()),
        protect: request.getProtect(),
        deleteBeforeReplace: request.getDeletebeforereplace(),
        retainOnDelete: request.getRetainondelete(),
        ignoreChanges: request.getIgnorechangesList(),
        replaceOnChanges: request.getReplaceonchangesList(),
        replacementTrigger: request.getReplacementTrigger()?.toJavaScript(),
      },
    });
    return register(request, callback);
  };
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, callback) => {
    outputs[shortUrn(request.getUrn())] = withoutSecrets(request.getOutputs().toJavaScript()) as Record<string, unknown>;
    return registerOutputs(request, callback);
  };
}

function withoutSecrets(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) return withoutSecrets(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}

function holdsSecret(value: unknown): boolean {
  if (pulumi.runtime.isRpcSecret(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecret);
}

async function nameOf(resource: pulumi.Resource | undefined): Promise<string | undefined> {
  return resource === undefined ? undefined : shortUrn(await settled(resource.urn));
}

function shortUrn(urn: string): string {
  const [, , type = "", name = ""] = urn.split("::");
  return `${type.split("$").at(-1)}::${name}`;
}

/** What an output is once everything has landed. */
export function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(): Promise<T> }).promise();
}

/** Whether a value is known; in a preview some are not. */
export function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { isKnown: Promise<boolean> }).isKnown;
}
