import grpc, { type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import type { Message } from "google-protobuf";
import any from "google-protobuf/google/protobuf/any_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { type CloudProvider, type Planned, UnfinishedError } from "./cloud-provider.ts";
import { topLevel } from "./conventions.ts";
import type { Difference } from "./difference.ts";
import type { PropertyProblem } from "./property.ts";
import type { Properties } from "./values.ts";

const PARENT_POLL_MS = 1_000;

/**
 * Serves a stand-in cloud's provider to the engine and prints the port, as the engine expects of a plugin.
 *
 * The SDK's own server is not used because it keeps from a provider what the real ones decide by: their configuration,
 * ignored changes, the state before and the inputs before, and that something is only a preview.
 */
export async function serve<Context>(served: CloudProvider<Context>): Promise<void> {
  endWithParent();
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(service.ResourceProviderService, methodsOf(served));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  process.stdout.write(`${port}\n`);
}

/** An engine that is killed does not take its plugins along. */
function endWithParent(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(0);
  }, PARENT_POLL_MS).unref();
}

function methodsOf<Context>(served: CloudProvider<Context>): grpc.UntypedServiceImplementation {
  return {
    getPluginInfo: answer(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(served.cloud.version);
      return info;
    }),

    getSchema: answer(() => {
      const schema = new provider.GetSchemaResponse();
      schema.setSchema("{}");
      return schema;
    }),

    attach: answer(() => new empty.Empty()),
    cancel: answer(() => new empty.Empty()),

    checkConfig: answer((request: provider.CheckRequest) =>
      checked(object(request.getNews()), served.cloud.checkConfig(object(request.getNews()))),
    ),

    diffConfig: answer((request: provider.DiffRequest) => {
      const [before, after] = [object(request.getOldInputs() ?? request.getOlds()), object(request.getNews())];
      const changed = served.cloud.replacingVariables.filter((name) => before[name] !== after[name]);
      return planned({ differences: changed.map((path) => ({ path, replaces: true })), deleteBeforeReplace: false, namesParts: false });
    }),

    configure: answer((request: provider.ConfigureRequest) => {
      served.configure(object(request.getArgs()));
      const accepted = new provider.ConfigureResponse();
      accepted.setAcceptsecrets(true);
      accepted.setSupportspreview(true);
      return accepted;
    }),

    check: answer((request: provider.CheckRequest) => {
      const { inputs, problems } = served.check(
        request.getUrn(),
        object(request.getOlds()),
        object(request.getNews()),
        request.getRandomseed_asU8(),
      );
      return checked(inputs, problems);
    }),

    diff: answer((request: provider.DiffRequest) => {
      const former = { inputs: object(request.getOldInputs()), state: object(request.getOlds()) };
      return planned(served.diff(request.getUrn(), former, object(request.getNews()), request.getIgnorechangesList()));
    }),

    create: answer(async (request: provider.CreateRequest) => {
      const { id, state } = await served.create(request.getUrn(), object(request.getProperties()), request.getPreview());
      const created = new provider.CreateResponse();
      created.setId(id);
      created.setProperties(struct(state));
      return created;
    }),

    read: answer(async (request: provider.ReadRequest) => {
      const found = await served.read(request.getUrn(), request.getId(), object(request.getProperties()), object(request.getInputs()));
      const read = new provider.ReadResponse();
      if (found === undefined) return read;
      read.setId(request.getId());
      read.setProperties(struct(found.state));
      read.setInputs(struct(found.inputs));
      return read;
    }),

    update: answer(async (request: provider.UpdateRequest) => {
      const state = await served.update(
        request.getUrn(),
        request.getId(),
        { inputs: object(request.getOldInputs()), state: object(request.getOlds()) },
        object(request.getNews()),
        request.getIgnorechangesList(),
        request.getPreview(),
      );
      const updated = new provider.UpdateResponse();
      updated.setProperties(struct(state));
      return updated;
    }),

    delete: answer(async (request: provider.DeleteRequest) => {
      await served.delete(request.getUrn(), request.getId());
      return new empty.Empty();
    }),

    invoke: answer(async (request: provider.InvokeRequest) => {
      const { outputs, problems } = await served.invoke(request.getTok(), object(request.getArgs()));
      const invoked = new provider.InvokeResponse();
      invoked.setReturn(struct(outputs));
      invoked.setFailuresList(problems.map(failure));
      return invoked;
    }),
  };
}

function answer<Request extends Message, Response extends Message>(act: (request: Request) => Response | Promise<Response>) {
  return async (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>) => {
    try {
      reply(null, await act(call.request));
    } catch (error) {
      reply(asStatus(error as Error));
    }
  };
}

/** An error on the wire. The engine takes what was made but not finished from its details. */
function asStatus(error: Error): grpc.ServiceError {
  const metadata = new grpc.Metadata();
  if (error instanceof UnfinishedError) {
    const unfinished = new provider.ErrorResourceInitFailed();
    unfinished.setId(error.id);
    unfinished.setProperties(struct(error.state));
    unfinished.setReasonsList([error.message]);
    const detail = new any.Any();
    detail.pack(unfinished.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const whole = new status.Status();
    whole.setCode(grpc.status.UNKNOWN);
    whole.setMessage(error.message);
    whole.addDetails(detail);
    metadata.add("grpc-status-details-bin", Buffer.from(whole.serializeBinary()));
  }
  return Object.assign(error, { code: grpc.status.UNKNOWN, details: error.message, metadata });
}

function checked(inputs: Properties, problems: readonly PropertyProblem[]): provider.CheckResponse {
  const response = new provider.CheckResponse();
  response.setInputs(struct(inputs));
  response.setFailuresList(problems.map(failure));
  return response;
}

function planned({ differences, deleteBeforeReplace, namesParts }: Planned): provider.DiffResponse {
  const response = new provider.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  response.setChanges(differences.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setDiffsList(keys(differences));
  response.setReplacesList(keys(differences.filter(({ replaces }) => replaces)));
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(namesParts);
  if (namesParts) for (const one of differences) response.getDetaileddiffMap().set(one.path, partOf(one));
  return response;
}

function partOf({ change = "update", replaces }: Difference): provider.PropertyDiff {
  const { Kind } = provider.PropertyDiff;
  const [plain, replacing] = {
    add: [Kind.ADD, Kind.ADD_REPLACE] as const,
    delete: [Kind.DELETE, Kind.DELETE_REPLACE] as const,
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE] as const,
  }[change];
  const part = new provider.PropertyDiff();
  part.setKind(replaces ? replacing : plain);
  part.setInputdiff(true);
  return part;
}

function keys(differences: readonly Difference[]): string[] {
  return [...topLevel(differences)];
}

function failure({ property, reason }: PropertyProblem): provider.CheckFailure {
  const one = new provider.CheckFailure();
  one.setProperty(property);
  one.setReason(reason);
  return one;
}

function object(value: structs.Struct | undefined): Properties {
  return (value?.toJavaScript() ?? {}) as Properties;
}

function struct(value: Properties): structs.Struct {
  return structs.Struct.fromJavaScript(value as Record<string, structs.JavaScriptValue>);
}
