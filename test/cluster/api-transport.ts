import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, request as sendRequest } from "node:https";
import type { Status, StatusDetails } from "./api-objects.ts";

/** Longer than the API server's own limit for a request that is not a watch. */
const LIMIT_MS = 65_000;

/** An API server and who asks it, everything as PEM. Without a certificate and a token the client is anonymous. */
export interface ApiConnection {
  /** Such as `https://127.0.0.1:6443`. */
  readonly server: string;
  readonly certificateAuthority: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly token?: string;
}

/** What is sent. `body` is sent as it stands if it is text, else as JSON. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Such as `/api/v1/namespaces`. */
  readonly path: string;
  /** What is `undefined` is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** The API server's refusal: its `Status`, whose message is this error's message word for word. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status, such as 409. */
  readonly code: number;
  /** The API's own word, such as `AlreadyExists`, `Conflict`, `NotFound`, `Forbidden`, `Invalid`. */
  readonly reason: string;
  readonly details: StatusDetails;

  constructor(status: Status, code: number) {
    super(status.message ?? `HTTP ${code}`);
    this.code = status.code ?? code;
    this.reason = status.reason ?? "Unknown";
    this.details = status.details ?? {};
  }
}

/** Whether an error is the API server's, and for one of the given reasons. */
export function isRefusal(error: unknown, ...reasons: readonly string[]): error is ApiError {
  return error instanceof ApiError && reasons.includes(error.reason);
}

/** HTTPS to one API server, in the name of one user. */
export class ApiTransport {
  readonly #connection: ApiConnection;
  readonly #onWarning: (warning: string) => void;
  readonly #agent: Agent;

  /** @param onWarning is told what the server has to say about a request that it obeys, such as an unknown field. */
  constructor(connection: ApiConnection, onWarning: (warning: string) => void = () => {}) {
    this.#connection = connection;
    this.#onWarning = onWarning;
    const { certificateAuthority: ca, clientCertificate: cert, clientKey: key } = connection;
    this.#agent = new Agent({ keepAlive: true, ca, ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) });
  }

  /** Sends a request and gives the text of the answer; throws an `ApiError` when it is a refusal. */
  async text(request: ApiRequest): Promise<string> {
    const limit = AbortSignal.timeout(LIMIT_MS);
    const signal = request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]);
    return readAll(await this.open({ ...request, signal }));
  }

  /** Sends a request and gives the answer as it begins, for what is read while it grows: a watch, a log. */
  async open(request: ApiRequest): Promise<IncomingMessage> {
    const url = new URL(request.path, this.#connection.server);
    for (const [name, value] of Object.entries(request.query ?? {})) if (value !== undefined) url.searchParams.append(name, String(value));
    const body = toText(request.body);
    const sent = sendRequest(url, {
      method: request.method,
      agent: this.#agent,
      headers: {
        accept: "application/json",
        ...(body === undefined
          ? {}
          : { "content-type": request.contentType ?? "application/json", "content-length": Buffer.byteLength(body) }),
        ...(this.#connection.token === undefined ? {} : { authorization: `Bearer ${this.#connection.token}` }),
      },
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    // Whoever reads the answer sees its errors; one that comes later, of an answer that nobody reads any more, is no news.
    sent.on("error", () => {});
    for (const warning of parseWarnings(response.headers.warning)) this.#onWarning(warning);
    const code = response.statusCode ?? 0;
    if (code >= 400) throw new ApiError(parseStatus(await readAll(response)), code);
    return response;
  }

  /** Closes the connections that are kept for the next request. */
  close(): void {
    this.#agent.destroy();
  }
}

/** The texts of a header of RFC 7234's warnings: `299 - "first", 299 - "second"`. */
export function parseWarnings(header: string | undefined): string[] {
  const quoted = (header ?? "").matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g);
  return [...quoted].map(([, text = ""]) => text.replaceAll(/\\(.)/g, "$1"));
}

function parseStatus(text: string): Status {
  try {
    return JSON.parse(text) as Status;
  } catch {
    // Not every refusal is the API's own: `/readyz` answers with plain text.
    return { kind: "Status", message: text.trim() };
  }
}

function toText(body: unknown): string | undefined {
  return body === undefined || typeof body === "string" ? body : JSON.stringify(body);
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
