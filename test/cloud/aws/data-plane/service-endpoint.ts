import type { ServerCertificate } from "../../machine/certificate-authority.ts";
import type { StoreFault } from "../../machine/cloud-adaptor.ts";
import { HttpsService, type ServiceAnswer, type ServiceDialect, type ServiceRequest } from "../../machine/https-service.ts";
import type { World, WorldRecord } from "../../world/world.ts";
import type { CredentialStore } from "./credentials.ts";
import { declaredInstances } from "./declared-instance.ts";
import { callParameterStore } from "./parameter-store.ts";
import { ServiceError } from "./service-error.ts";
import { verifySignature } from "./signature.ts";

const TARGET = /^AmazonSSM\.(\w+)$/;

/** JSON 1.1, and errors as AWS's services give them. */
const DIALECT: ServiceDialect = {
  contentType: "application/x-amz-json-1.1",
  throttled: refusal(new ServiceError("ThrottlingException", "Rate exceeded")),
  broken: (error) =>
    error instanceof ServiceError ? refusal(error) : { status: 500, body: { __type: "InternalServerError", message: String(error) } },
};

/** The endpoint of SSM. */
export class ServiceEndpoint {
  readonly #world: World;
  readonly #credentials: CredentialStore;
  readonly #service = new HttpsService(DIALECT, (request) => ({ status: 200, body: this.#call(request) }));

  constructor(world: World, credentials: CredentialStore) {
    this.#world = world;
    this.#credentials = credentials;
  }

  break(fault: StoreFault | undefined): void {
    this.#service.break(fault);
  }

  async listen(certificate: ServerCertificate): Promise<void> {
    await this.#service.listen(certificate);
  }

  #call({ method, url, headers, body }: ServiceRequest): WorldRecord {
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

function refusal({ code, message }: ServiceError): ServiceAnswer {
  return { status: 400, body: { __type: code, message } };
}

function parse(body: Buffer): WorldRecord {
  try {
    return JSON.parse(body.toString()) as WorldRecord;
  } catch {
    throw new ServiceError("SerializationException", "");
  }
}
