import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Site } from "./site.ts";

const NODE_MODULES = resolve(import.meta.dirname, "../../../node_modules");

const PULUMI_YAML = `name: empty
runtime:
  name: nodejs
  options:
    typescript: false
    packagemanager: npm
main: index.js
`;

/** A project whose program does nothing, with the packages and the kind of state that the example has. */
export class EmptyProject {
  readonly #site: Site;
  readonly #folder: string;

  private constructor(site: Site) {
    this.#site = site;
    this.#folder = join(site.folder, "empty");
  }

  static async deploy(site: Site): Promise<EmptyProject> {
    const project = new EmptyProject(site);
    const folder = project.#folder;
    mkdirSync(join(folder, "state"), { recursive: true });
    writeFileSync(join(folder, "Pulumi.yaml"), PULUMI_YAML);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", type: "module" }));
    writeFileSync(join(folder, "index.js"), "export {};\n");
    symlinkSync(NODE_MODULES, join(folder, "node_modules"));
    await project.pulumi("stack", "init", "empty");
    await project.pulumi("up", "--yes", "--skip-preview", "--stack", "empty");
    return project;
  }

  async pulumi(...args: readonly string[]): Promise<void> {
    const env = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${this.#folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the benchmark",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    await this.#site.network.run("pulumi", [...args, "--non-interactive", "--color=never"], { cwd: this.#folder, env, timeout: 120_000 });
  }
}
