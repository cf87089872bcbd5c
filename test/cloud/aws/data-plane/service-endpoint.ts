import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { SERVICE_ADDRESS, type StoreFault } from "../../machine/cloud-adaptor.ts";
import type { World, WorldRecord } from "../../world/world.ts";
import type { ServerCertificate } from "./certificate-authority.ts";
import type { CredentialStore } from "./credentials.ts";
import { declaredInstances } from "./declared-instance.ts";
import { callParameterStore } from "./parameter-store.ts";
import { ServiceError } from "./service-error.ts";
import { verifySignature } from "./signature.ts";

const SLOW_MS = 20_000;
const TARGET = /^AmazonSSM\.(\w+)$/;

/** The endpoint of SSM: HTTPS, JSON 1.1, and errors as AWS's services give them. */
export class ServiceEndpoint {
  readonly #world: World;
  readonly #credentials: CredentialStore;
  fault: StoreFault | undefined;

  constructor(world: World, credentials: CredentialStore) {
    this.#world = world;
    this.#credentials = credentials;
  }

  async listen(certificate: ServerCertificate): Promise<void> {
    const server = createServer(certificate, (request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
      });
    });
    server.listen(443, SERVICE_ADDRESS);
    await once(server, "listening");
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: WorldRecord }> {
    try {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      if (this.fault === "slow") await sleep(SLOW_MS);
      if (this.fault === "throttling") throw new ServiceError("ThrottlingException", "Rate exceeded");
      return { status: 200, body: this.#call(request, Buffer.concat(parts)) };
    } catch (error) {
      if (error instanceof ServiceError) return { status: 400, body: { __type: error.code, message: error.message } };
      return { status: 500, body: { __type: "InternalServerError", message: String(error) } };
    }
  }

  #call({ method = "", url = "/", headers }: IncomingMessage, body: Buffer): WorldRecord {
    const region = /^ssm\.([a-z0-9-]+)\.amazonaws\.com$/.exec(headers.host ?? "")?.[1];
    const operation = TARGET.exec(String(headers["x-amz-target"]))?.[1];
    if (region === undefined || operation === undefined) throw new ServiceError("UnknownOperationException", "");
    const { instanceId, roleName } = verifySignature(
      { method, url, headers, body },
      { region, service: "ssm" },
      this.#credentials,
      Date.now(),
    );
    const state = this.#world.read();
    const instance = declaredInstances(state).find(({ id }) => id === instanceId);
    if (instance === undefined)
      throw new ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.");
    return callParameterStore(state, { instance: { ...instance, region }, roleName }, operation, parse(body));
  }
}

function parse(body: Buffer): WorldRecord {
  try {
    return JSON.parse(body.toString()) as WorldRecord;
  } catch {
    throw new ServiceError("SerializationException", "");
  }
}
