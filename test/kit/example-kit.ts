import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type BastionDescription, describeBastion } from "../../components/core/describe-bastion.ts";
import { placeTunnels } from "../../components/core/forward.ts";
import { kitFacts } from "../../components/kit/kit-facts.ts";
import type { KitFile } from "../../components/kit/kit-file.ts";
import { renderKitFiles } from "../../components/kit/kit-files.ts";
import { EXAMPLE, EXAMPLE_BIND_PORTS, exampleBastion } from "../support/bastions.ts";
import { ECDSA_P256, ED25519_A, keyOf } from "../support/keys.ts";

/** A bastion with tunnels on all interfaces, on loopback and on one address, as its stack describes it. */
export function exampleDescription(host = "bastion.example.com"): BastionDescription {
  const bastion = exampleBastion({
    tunnels: EXAMPLE.tunnels.map((tunnel) => ({ destination: "audit.acme.internal:514", ...tunnel })),
  });
  return describeBastion({
    bastion,
    users: { tunnel: "tunnel", consumer: "consumer" },
    host,
    hostKeys: [keyOf(ED25519_A), keyOf(ECDSA_P256)],
    tunnels: placeTunnels(bastion.tunnels, EXAMPLE_BIND_PORTS),
    fingerprintsOf: () => ["SHA256:a"],
  });
}

/** The same bastion, where each client has authorities that sign its certificates. */
export function describeWithCertificates(authorities: readonly string[], principals: readonly string[]): BastionDescription {
  const description = exampleDescription();
  const clients = description.clients.map((client) => ({ ...client, certificates: { authorities, principals } }));
  return { ...description, clients };
}

/** The files of a client's kit, by path; the page is not among them. */
export function exampleKit(client = "dr-site", description = exampleDescription()): Map<string, KitFile> {
  return new Map(renderKitFiles(kitFacts({ customer: "acme", description, client })).map((file) => [file.path, file]));
}

/** The content of a file that has to be there. */
export function contentOf(kit: ReadonlyMap<string, KitFile>, path: string): string {
  const file = kit.get(path);
  if (file === undefined) throw new Error(`the kit has no ${path}`);
  return file.content;
}

/** Writes the files of a kit into a folder. */
export function writeKit(folder: string, files: Iterable<KitFile>): void {
  for (const { path, content, mode } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode });
  }
}
