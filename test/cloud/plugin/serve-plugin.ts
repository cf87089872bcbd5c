import grpc, { type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { Message } from "google-protobuf";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { asServiceError } from "./failure.ts";

const PARENT_POLL_MS = 1_000;

/**
 * Serves a provider's methods to the engine and prints the port, as the engine expects of a plugin.
 *
 * The SDK's own server is not used because it keeps from a provider what the real ones decide by: their configuration,
 * ignored changes, the state before and the inputs before, and that something is only a preview.
 */
export async function servePlugin(version: string, methods: grpc.UntypedServiceImplementation): Promise<void> {
  endWithParent();
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(service.ResourceProviderService, { ...pluginMethods(version), ...methods });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  process.stdout.write(`${port}\n`);
}

/** A method that answers a request, or says on the wire why it does not. */
export function answer<Request extends Message, Response extends Message>(act: (request: Request) => Response | Promise<Response>) {
  return async (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>) => {
    try {
      reply(null, await act(call.request));
    } catch (error) {
      reply(asServiceError(error));
    }
  };
}

/** An engine that is killed does not take its plugins along. */
function endWithParent(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(0);
  }, PARENT_POLL_MS).unref();
}

function pluginMethods(version: string): grpc.UntypedServiceImplementation {
  return {
    getPluginInfo: answer(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(version);
      return info;
    }),

    getSchema: answer(() => {
      const schema = new provider.GetSchemaResponse();
      schema.setSchema("{}");
      return schema;
    }),

    attach: answer(() => new empty.Empty()),
  };
}
