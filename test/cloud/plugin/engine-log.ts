import grpc from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";

/** Where a provider says what is neither a result nor an error: on the engine's screen. */
export class EngineLog {
  readonly #client: InstanceType<typeof engineService.EngineClient> | undefined;

  /** @param address of the engine, which it starts a plugin with. */
  constructor(address: string | undefined) {
    if (address === undefined) return;
    this.#client = new engineService.EngineClient(address, grpc.credentials.createInsecure());
  }

  /** Says something about a resource. */
  async warn(urn: string, message: string): Promise<void> {
    const request = new engine.LogRequest();
    request.setSeverity(engine.LogSeverity.WARNING);
    request.setUrn(urn);
    request.setMessage(message);
    await new Promise<void>((said) => {
      if (this.#client === undefined) said();
      // Whoever does not listen misses nothing that counts.
      else this.#client.log(request, () => said());
    });
  }
}
