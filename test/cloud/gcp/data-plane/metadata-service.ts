import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { METADATA_ADDRESS } from "../../machine/cloud-adaptor.ts";
import type { World } from "../../world/world.ts";
import { seedsOf } from "../control-plane/seeds.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { type DeclaredInstance, declaredInstances } from "./declared-instance.ts";
import { asFolder, findNode, type MetadataNode, metadataTree, toJson, toLines, valueText } from "./metadata-tree.ts";
import { osLoginFolder } from "./os-login.ts";

const HOSTS = ["metadata.google.internal", "metadata", METADATA_ADDRESS];
const ROOT = "computeMetadata";
const VERSION = "v1";
/** How soon a change is seen by those who wait for one. */
const POLL_MS = 100;

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** The metadata service of Compute Engine. Who asks is known by the address of the question. */
export class MetadataService {
  readonly #world: World;
  readonly #tokens: AccessTokens;

  constructor(world: World, tokens: AccessTokens) {
    this.#world = world;
    this.#tokens = tokens;
  }

  async listen(): Promise<void> {
    const server = createServer(async (request, response) => {
      const { status, body = "", headers = {} } = await this.#answer(request);
      const own = { "metadata-flavor": "Google", server: "Metadata Server for VM", "x-frame-options": "0" };
      response.writeHead(status, { "content-type": "text/html; charset=UTF-8", ...own, ...headers }).end(body);
    });
    server.listen(80, METADATA_ADDRESS);
    await once(server, "listening");
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { headers, method } = request;
    if (!HOSTS.includes((headers.host ?? "").replace(/:80$/, ""))) return { status: 403 };
    const url = new URL(request.url ?? "/", "http://metadata");
    if (url.pathname === "/") return { status: 200, body: `${ROOT}/\n`, headers: { "content-type": "application/text" } };
    // What a proxy passes on does not come from the instance itself.
    if (headers["x-forwarded-for"] !== undefined || headers["metadata-flavor"] !== "Google") return { status: 403, body: FORBIDDEN };
    if (method !== "GET" && method !== "HEAD") return { status: 405 };
    const [root, version, ...path] = url.pathname.split("/").slice(1).map(decodeURIComponent);
    if (root !== ROOT || (version ?? "") === "") return root === ROOT ? folderText([`${VERSION}/`]) : { status: 404 };
    if (version !== VERSION) return { status: 404 };
    return this.#read(request, path, url.searchParams);
  }

  async #read(request: IncomingMessage, path: readonly string[], asked: URLSearchParams): Promise<Answer> {
    const isFolderPath = path.at(-1) === "" || path.length === 0;
    const names = path.filter((name) => name !== "");
    const isRecursive = asked.get("recursive")?.toLowerCase() === "true";
    const read = (): Answer => {
      const node = this.#nodeAt(request, names, asked);
      if (node === undefined) return { status: 404 };
      const folder = asFolder(node);
      if (folder !== undefined && !isFolderPath && !isRecursive)
        return { status: 301, headers: { location: `/${[ROOT, VERSION, ...names, ""].join("/")}` } };
      if (folder === undefined && isFolderPath) return { status: 404 };
      return render(node, names, isRecursive, asked.get("alt"));
    };
    if (asked.get("wait_for_change")?.toLowerCase() !== "true") return read();
    const last = asked.get("last_etag") ?? read().headers?.etag;
    const end = asked.has("timeout_sec") ? Date.now() + Number(asked.get("timeout_sec")) * 1000 : Number.POSITIVE_INFINITY;
    for (;;) {
      const answer = read();
      const hangsUp = request.socket.destroyed;
      if (answer.headers?.etag !== last || Date.now() >= end || hangsUp) return answer;
      await sleep(Math.min(POLL_MS, Math.max(0, end - Date.now())));
    }
  }

  #nodeAt({ socket }: IncomingMessage, names: readonly string[], asked: URLSearchParams): MetadataNode | undefined {
    const state = this.#world.read();
    const instance = declaredInstances(state).find(({ machine }) => machine.address === socket.remoteAddress);
    if (instance === undefined) return undefined;
    const { osLoginUsers, projectMetadata } = seedsOf(state);
    const tree = metadataTree(
      instance,
      projectMetadata,
      () => this.#issueToken(instance),
      osLoginFolder(osLoginUsers, asked.get("username")),
    );
    return findNode(tree, names);
  }

  #issueToken({ id, serviceAccount }: DeclaredInstance): string {
    const { email = "", scopes = [] } = serviceAccount ?? {};
    const { value, expiresAt } = this.#tokens.issue(id, email, scopes);
    return JSON.stringify({ access_token: value, expires_in: Math.floor((expiresAt - Date.now()) / 1000), token_type: "Bearer" });
  }
}

const FORBIDDEN = "Missing Metadata-Flavor:Google header.\n";

function render(node: MetadataNode, path: readonly string[], isRecursive: boolean, alt: string | null): Answer {
  const folder = asFolder(node);
  const asJson = folder === undefined ? alt === "json" : isRecursive && alt !== "text";
  if (asJson) return withEtag(JSON.stringify(typeof node === "function" ? node() : toJson(node, path)), "application/json");
  if (folder === undefined) {
    const text = valueText(node);
    return withEtag(text, typeof node === "function" ? "application/json" : "application/text");
  }
  if (isRecursive) return withEtag(`${toLines(node).join("\n")}\n`, "application/text");
  return folderText(Object.entries(folder).map(([name, below]) => (asFolder(below) === undefined ? name : `${name}/`)));
}

function folderText(names: readonly string[]): Answer {
  return withEtag(names.map((name) => `${name}\n`).join(""), "application/text");
}

function withEtag(body: string, contentType: string): Answer {
  const etag = createHash("sha256").update(body).digest("hex").slice(0, 16);
  return { status: 200, body, headers: { "content-type": contentType, etag } };
}
