import type { Benchmark, Figures } from "./benchmark.ts";
import { EmptyProject } from "./support/empty-project.ts";
import { deployExample } from "./support/example.ts";

/** How long somebody waits for a preview, beside the time that Pulumi itself takes. */
export const preview: Benchmark = {
  name: "preview",
  about: "`pulumi preview` of the unchanged example against an empty precompiled program",
  comparisons: [{ metric: "time", unit: "s", subject: "example", baseline: "empty program", goal: { atMost: 1.5 } }],

  async prepare(site) {
    const { deployment } = await site.shared(deployExample);
    const empty = await EmptyProject.deploy(site);
    return {
      example: () => timed(() => deployment.pulumi("preview", "--expect-no-changes", "--stack", "acme")),
      "empty program": () => timed(() => empty.pulumi("preview", "--expect-no-changes", "--stack", "empty")),
    };
  },
};

async function timed(action: () => Promise<unknown>): Promise<Figures> {
  const start = performance.now();
  await action();
  return { time: (performance.now() - start) / 1000 };
}
