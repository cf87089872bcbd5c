import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { renderKit } from "../../../components/kit/kit.ts";
import type { StackOutputs } from "../support/deployment.ts";

/** A client's kit in a folder of its own, as its customer has unpacked it, with the key beside it. */
export class KitFolder {
  readonly path = mkdtempSync(join(tmpdir(), "kit-"));
  readonly #outputs: StackOutputs;
  readonly #client: string;

  constructor(outputs: StackOutputs, client: string) {
    this.#outputs = outputs;
    this.#client = client;
    for (const { path, content, mode } of renderKit({ customer: "acme", description: outputs, client })) this.write(path, content, mode);
    this.writeKey();
  }

  get keyFile(): string {
    return `${this.#client}.key`;
  }

  get key(): string {
    const key = this.#outputs.clientPrivateKeys[this.#client];
    if (key === undefined) throw new Error(`no key was generated for ${this.#client}`);
    return key;
  }

  /** Puts down the key that was delivered, or another one. */
  writeKey(content = this.key, mode = 0o600): void {
    this.write(this.keyFile, content, mode);
  }

  write(file: string, content: string, mode = 0o644): void {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    writeFileSync(path, content, { mode });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
