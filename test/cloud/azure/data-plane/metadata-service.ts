import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { METADATA_ADDRESS, type StoreFault } from "../../machine/cloud-adaptor.ts";
import type { World } from "../../world/world.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { type DeclaredMachine, declaredMachines } from "./declared-machine.ts";
import { answerTokenRequest } from "./identity-token.ts";
import type { MetadataAnswer } from "./metadata-answer.ts";
import { metadataDocument, nodeAt, nodeText } from "./metadata-document.ts";

const VERSIONS = [
  "2017-03-01",
  "2017-04-02",
  "2017-08-01",
  "2017-12-01",
  "2018-02-01",
  "2018-04-02",
  "2018-10-01",
  "2019-02-01",
  "2019-03-11",
  "2019-04-30",
  "2019-06-01",
  "2019-06-04",
  "2019-08-01",
  "2019-08-15",
  "2019-11-01",
  "2020-06-01",
  "2020-07-15",
  "2020-09-01",
  "2020-10-01",
  "2020-12-01",
  "2021-01-01",
  "2021-02-01",
  "2021-03-01",
  "2021-05-01",
  "2021-08-01",
  "2021-10-01",
  "2021-11-01",
  "2021-11-15",
  "2021-12-13",
  "2023-07-01",
  "2023-11-15",
  "2025-04-07",
];

/** Azure's Instance Metadata Service (IMDS). Who asks is known by the address of the question. */
export class MetadataService {
  readonly #world: World;
  readonly #tokens: AccessTokens;
  #fault: StoreFault | undefined;

  constructor(world: World, tokens: AccessTokens) {
    this.#world = world;
    this.#tokens = tokens;
  }

  /** Answers badly from now on, or well again. It is on the machine's own host: what is there is not out of reach, nor slow. */
  break(fault: StoreFault | undefined): void {
    this.#fault = fault;
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      const { status, body } = this.#answer(request);
      const isText = typeof body === "string";
      response
        .writeHead(status, { "content-type": `${isText ? "text/plain" : "application/json"}; charset=utf-8`, server: "IMDS/150.870.65.1" })
        .end(isText ? body : JSON.stringify(body));
    });
    server.listen(80, METADATA_ADDRESS);
    await once(server, "listening");
  }

  #answer({ method, headers, url: path = "/", socket }: IncomingMessage): MetadataAnswer {
    const url = new URL(path, "http://metadata");
    const [root, endpoint, ...names] = url.pathname.split("/").slice(1).filter(Boolean).map(decodeURIComponent);
    const isToken = endpoint === "identity";
    const refuse = (reason: string, more: object = {}): MetadataAnswer => ({
      status: 400,
      body: isToken ? { error: "invalid_request", error_description: reason } : { error: `Bad request. ${reason}`, ...more },
    });
    if (String(headers.metadata).toLowerCase() !== "true") return refuse("Required metadata header not specified");
    // What a proxy passes on does not come from the machine itself.
    if (headers["x-forwarded-for"] !== undefined) return refuse("X-Forwarded-For header is not allowed");
    if (this.#fault === "throttling") return { status: 429, body: { error: "Too many requests" } };
    if (method !== "GET") return { status: 405, body: { error: "Method not allowed" } };
    const machine = declaredMachines(this.#world.read()).find((one) => one.machine.address === socket.remoteAddress);
    if (root !== "metadata" || machine === undefined) return NOT_FOUND;
    const version = url.searchParams.get("api-version");
    if (version === null || !VERSIONS.includes(version))
      return refuse(
        version === null ? "api-version was not specified in the request" : "api-version is invalid or was not specified in the request.",
        { "newest-versions": VERSIONS.slice(-3).reverse() },
      );
    if (isToken)
      return names.join("/") === "oauth2/token" ? answerTokenRequest(machine.identities, url.searchParams, this.#tokens) : NOT_FOUND;
    return endpoint === "instance" ? readDocument(machine, names, version, url.searchParams.get("format")) : NOT_FOUND;
  }
}

const NOT_FOUND: MetadataAnswer = { status: 404, body: { error: "Not found" } };

function readDocument(machine: DeclaredMachine, path: readonly string[], version: string, format: string | null): MetadataAnswer {
  const node = nodeAt(metadataDocument(machine, version), path);
  if (node === undefined) return NOT_FOUND;
  if (format === "text") return { status: 200, body: nodeText(node) };
  // A value by itself is no document.
  return typeof node === "string"
    ? { status: 400, body: { error: "Bad request. A leaf can be had with format=text only" } }
    : { status: 200, body: node };
}
