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

export interface Deployed<T> {
  /** What `build` gave, or the error it threw. */
  readonly result: T;
  readonly error: unknown;
  readonly registered: readonly RegisteredResource[];
  readonly called: readonly { readonly token: string; readonly inputs: Readonly<Record<string, unknown>> }[];
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
}

/** Runs `build` on a mock engine; resolves once every registration has landed, so that absence proves something. */
export async function deploy<T>(build: () => T | Promise<T>, options: EngineOptions = {}): Promise<Deployed<Awaited<T>>> {
  const registered: RegisteredResource[] = [];
  const called: { token: string; inputs: Record<string, unknown> }[] = [];
  const logged: Promise<LoggedMessage>[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => {
      const resource = registered.findLast((candidate) => candidate.type === type && candidate.name === name);
      if (resource === undefined) throw new Error(`${type} ${name} was not recorded`);
      const state: Record<string, unknown> = { ...inputs, ...options.outputsOf?.(resource) };
      for (const key of resource.secretOutputs) if (state[key] !== undefined) state[key] = pulumi.secret(state[key]);
      return { id: resource.custom ? `${name}-id` : undefined, state };
    },
    call: ({ token, inputs }) => {
      called.push({ token, inputs });
      const answer = options.calls?.[token];
      if (answer === undefined) throw new Error(`unmocked provider call: ${token}`);
      return answer(inputs);
    },
  };
  await pulumi.runtime.setMocks(mocks, options.project ?? "project", options.stack ?? "stack", options.preview ?? false);
  record(registered);

  // Without an engine the SDK prints messages; what counts is what it was told to say, and about which resource.
  const spies = (["info", "warn", "error"] as const).map((severity) =>
    vi.spyOn(pulumi.log, severity).mockImplementation(async (message, resource) => {
      logged.push(nameOf(resource).then((name) => ({ severity, message, resource: name })));
    }),
  );

  let result: unknown;
  let error: unknown;
  try {
    result = await build();
  } catch (thrown) {
    error = thrown;
  } finally {
    await pulumi.runtime.disconnect();
    for (const spy of spies) spy.mockRestore();
  }
  return { result: result as Awaited<T>, error, registered, called, logged: await Promise.all(logged) };
}

/** Notes every registration with its parent and its marks, before the mock sees it. */
function record(registered: RegisteredResource[]): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource(request: RegisterRequest, callback: unknown): unknown };
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
    });
    return register(request, callback);
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
