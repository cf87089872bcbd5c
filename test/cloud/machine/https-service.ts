import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerCertificate } from "./certificate-authority.ts";
import { SERVICE_ADDRESS, type StoreFault } from "./cloud-adaptor.ts";

const SLOW_MS = 20_000;

/** A whole request to a service. */
export interface ServiceRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A service's answer; its body goes out as JSON. */
export interface ServiceAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Beside the type of its content. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a cloud's services answer. */
export interface ServiceDialect {
  readonly contentType: string;
  /** To a request too many. */
  readonly throttled: ServiceAnswer;
  /** To a request that broke the stand-in. */
  broken(error: unknown): ServiceAnswer;
}

/** The services of a cloud, at the one address where all of them are. */
export class HttpsService {
  readonly #dialect: ServiceDialect;
  readonly #answer: (request: ServiceRequest) => ServiceAnswer;
  #fault: StoreFault | undefined;

  constructor(dialect: ServiceDialect, answer: (request: ServiceRequest) => ServiceAnswer) {
    this.#dialect = dialect;
    this.#answer = answer;
  }

  /** Answers badly from now on, or well again. */
  break(fault: StoreFault | undefined): void {
    this.#fault = fault;
  }

  async listen(certificate: ServerCertificate): Promise<void> {
    const server = createServer(certificate, async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const { method = "", url = "/", headers } = request;
      const { status, body, headers: more } = await this.#answerTo({ method, url, headers, body: Buffer.concat(parts) });
      response.writeHead(status, { "content-type": this.#dialect.contentType, ...more }).end(JSON.stringify(body));
    });
    server.listen(443, SERVICE_ADDRESS);
    await once(server, "listening");
  }

  async #answerTo(request: ServiceRequest): Promise<ServiceAnswer> {
    if (this.#fault === "slow") await sleep(SLOW_MS);
    if (this.#fault === "throttling") return this.#dialect.throttled;
    try {
      return this.#answer(request);
    } catch (error) {
      return this.#dialect.broken(error);
    }
  }
}
