import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { METRICS_OF_PROMETHEUS, metricsIn, servedMetrics } from "./metric-names.ts";
import { findPromtool, promtool } from "./promtool.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const MONITORING = join(ROOT, "monitoring");
const read = (file: string) => readFileSync(join(MONITORING, file), "utf8");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook: string };
}
interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: { readonly uid: string };
  readonly targets: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}
interface Dashboard {
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[] };
}

const rules = (parse(read("alerts.yaml")) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read("dashboard.json")) as Dashboard;
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** What a bastion serves where there is something to say of everything: rendered by its own program. */
function renderedMetrics(): string {
  const script =
    "import sys; sys.path[:0] = sys.argv[1:]; from status_support import observation; from bastion_host.metrics import render_metrics; print(render_metrics(observation()), end='')";
  const folders = [join(ROOT, "test/host/programs"), join(ROOT, "components/host/programs")];
  return execFileSync("python3", ["-B", "-c", script, ...folders], { encoding: "utf8" });
}

describe.skipIf(findPromtool() === undefined)("what promtool says of it", () => {
  const folder = temporaryFolder();

  test("each alert fires when it should, and not before", () => {
    expect(promtool("test", "rules", join(MONITORING, "alerts.test.yaml"))).toEqual({
      exitCode: 0,
      said: expect.stringContaining("SUCCESS"),
    });
  });

  test("the rules and the example configuration are right", () => {
    expect(promtool("check", "rules", "--lint-fatal", join(MONITORING, "alerts.yaml"))).toEqual({
      exitCode: 0,
      said: expect.stringContaining(`SUCCESS: ${rules.length} rules found`),
    });
    expect(promtool("check", "config", join(MONITORING, "prometheus.yaml"))).toEqual({
      exitCode: 0,
      said: expect.stringContaining("SUCCESS: 1 rule files found"),
    });
  });

  test("every query of the dashboard is one", () => {
    const recorded = expressions.map((expr, index) => ({
      record: `panel:query:${index}`,
      expr: expr.replaceAll("$customer", "acme").replaceAll("$__rate_interval", "5m"),
    }));
    const file = join(folder, "dashboard.yaml");
    writeFileSync(file, stringify({ groups: [{ name: "dashboard", rules: recorded }] }));
    expect(promtool("check", "rules", file)).toEqual({
      exitCode: 0,
      said: expect.stringContaining(`SUCCESS: ${expressions.length} rules found`),
    });
  });

  test("what a bastion serves is right", () => {
    const { status, stdout, stderr } = spawnSync(`${findPromtool()}`, ["check", "metrics"], { input: renderedMetrics(), encoding: "utf8" });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
  });
});

test("every alert is tried out", () => {
  const tried = parse(read("alerts.test.yaml")) as { tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[] };
  const cases = tried.tests.flatMap(({ alert_rule_test }) => alert_rule_test);
  for (const { alert } of rules) {
    const ofIt = cases.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => (exp_alerts ?? []).length > 0);
    expect([alert, new Set(ofIt)]).toEqual([alert, new Set([false, true])]);
  }
});

test("every metric that is asked for is one that a bastion serves", () => {
  const asked = metricsIn([
    ...rules.map(({ expr }) => expr),
    ...expressions,
    ...dashboard.templating.list.map(({ definition = "" }) => definition),
  ]);
  const served = servedMetrics(renderedMetrics());
  expect(asked.filter((name) => !served.includes(name))).toEqual(METRICS_OF_PROMETHEUS);
  // What no alert and no panel has a use for yet; others read it.
  expect(served.filter((name) => !asked.includes(name))).toEqual([
    "reverse_bastion_key_last_login_timestamp_seconds",
    "reverse_bastion_key_set_installed_timestamp_seconds",
    "reverse_bastion_sshd_restarts_total",
    "reverse_bastion_supervisor_start_timestamp_seconds",
    "reverse_bastion_tunnel_up_since_timestamp_seconds",
  ]);
});

test("docs/status.md has what each alert means where its runbook points", () => {
  const headings = [...readFileSync(join(ROOT, "docs/status.md"), "utf8").matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
  for (const { annotations } of rules) {
    const [file, anchor] = annotations.runbook.split("#");
    expect(file).toBe("docs/status.md");
    expect(headings).toContain(anchor);
  }
});

describe("the dashboard", () => {
  test("asks the data source that is chosen, and no other", () => {
    const uids = dashboard.panels.flatMap((panel) => [panel, ...panel.targets].map(({ datasource }) => datasource.uid));
    for (const uid of uids) expect(uid).toMatch(/^\$\{datasource\}$/);
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ["datasource", "datasource"],
      ["customer", "query"],
    ]);
  });

  test("asks of the chosen customers only", () => {
    for (const expr of expressions)
      expect([expr, expr.match(/reverse_bastion_\w+/g)?.length]).toEqual([expr, expr.match(/\{customer=~"\$customer"\}/g)?.length]);
  });

  test("has panels that are explained, and do not lie upon each other", () => {
    const taken = new Map<string, string>();
    for (const { title, description, gridPos } of dashboard.panels) {
      expect([title, description]).toEqual([expect.stringMatching(/./), expect.stringMatching(/\.$/)]);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect([title, x < 24, taken.get(`${x},${y}`)]).toEqual([title, true, undefined]);
          taken.set(`${x},${y}`, title);
        }
    }
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
