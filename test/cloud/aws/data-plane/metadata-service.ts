import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { METADATA_ADDRESS } from "../../machine/cloud-adaptor.ts";
import type { CredentialStore } from "./credentials.ts";
import type { DeclaredInstance } from "./declared-instance.ts";
import { METADATA_VERSIONS, metadataTree, readMetadata } from "./metadata-tree.ts";

const TOKEN_HEADER = "x-aws-ec2-metadata-token";
const TTL_HEADER = "x-aws-ec2-metadata-token-ttl-seconds";
const LONGEST_TTL_SECONDS = 21_600;

interface Answer {
  readonly status: number;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
}

/** The metadata service of EC2 (IMDS, both versions). Who asks is known by the address of the question. */
export class MetadataService {
  readonly #instances: () => readonly DeclaredInstance[];
  readonly #credentials: CredentialStore;
  /** By token: which instance has it, and until when. */
  readonly #tokens = new Map<string, { readonly instanceId: string; readonly expiresAt: number }>();

  constructor(instances: () => readonly DeclaredInstance[], credentials: CredentialStore) {
    this.#instances = instances;
    this.#credentials = credentials;
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      const { status, body = "", headers = {} } = this.#answer(request);
      response.writeHead(status, { "content-type": "text/plain", server: "EC2ws", connection: "close", ...headers }).end(body);
    });
    server.listen(80, METADATA_ADDRESS);
    await once(server, "listening");
  }

  #answer(request: IncomingMessage): Answer {
    const instance = this.#instances().find(({ machine }) => machine.address === request.socket.remoteAddress);
    if (instance === undefined || !instance.metadata.isEnabled) return { status: 403 };
    const { pathname } = new URL(request.url ?? "/", "http://metadata");
    const path = pathname
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent);
    if (path.join("/") === "latest/api/token") return this.#issueToken(request, instance.id);
    if (request.method !== "GET" && request.method !== "HEAD") return { status: 405 };
    const token = request.headers[TOKEN_HEADER];
    if (token === undefined ? instance.metadata.requiresToken : !this.#isValid(String(token), instance.id)) return { status: 401 };
    return this.#read(instance, path);
  }

  #issueToken(request: IncomingMessage, instanceId: string): Answer {
    if (request.method !== "PUT") return { status: 405 };
    // What a proxy passes on does not come from the instance itself.
    if (request.headers["x-forwarded-for"] !== undefined) return { status: 403 };
    const ttl = request.headers[TTL_HEADER];
    const seconds = /^\d+$/.test(String(ttl)) ? Number(ttl) : 0;
    if (seconds < 1 || seconds > LONGEST_TTL_SECONDS) return { status: 400 };
    const token = randomBytes(42).toString("base64");
    this.#tokens.set(token, { instanceId, expiresAt: Date.now() + seconds * 1000 });
    return { status: 200, body: token, headers: { [TTL_HEADER]: String(seconds) } };
  }

  #isValid(token: string, instanceId: string): boolean {
    const known = this.#tokens.get(token);
    return known !== undefined && known.instanceId === instanceId && known.expiresAt > Date.now();
  }

  #read(instance: DeclaredInstance, [version, ...path]: readonly string[]): Answer {
    if (version === undefined) return { status: 200, body: METADATA_VERSIONS.join("\n") };
    if (!METADATA_VERSIONS.includes(version)) return { status: 404 };
    if (path.length === 0)
      return { status: 200, body: ["dynamic", "meta-data", ...(instance.userData === undefined ? [] : ["user-data"])].join("\n") };
    if (path[0] === "user-data" && path.length === 1) {
      return instance.userData === undefined
        ? { status: 404 }
        : { status: 200, body: instance.userData, headers: { "content-type": "application/octet-stream" } };
    }
    const { role } = instance;
    const tree = metadataTree(instance, () => (role === undefined ? undefined : this.#credentials.issue(instance.id, role.name)));
    const body = readMetadata(tree, path);
    return body === undefined ? { status: 404 } : { status: 200, body };
  }
}
