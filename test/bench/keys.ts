import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeySet } from "../../components/core/key-set.ts";
import { renderKnownHosts } from "../../components/core/known-hosts.ts";
import { parsePublicKey } from "../../components/core/public-key.ts";
import { renderClientCommand } from "../../components/core/ssh-command.ts";
import { CustomerFolder } from "../e2e/support/customer.ts";
import { waitUntil } from "../e2e/support/wait.ts";
import type { Benchmark, Figures } from "./benchmark.ts";
import { dialUntil } from "./support/dial.ts";
import { deployExample } from "./support/example.ts";
import type { Site } from "./support/site.ts";
import { startStockSshd } from "./support/stock-sshd.ts";

const GOAL_MS = 5_000;

/** How long somebody whose key was taken away, or given, waits for it. */
export const keys: Benchmark = {
  name: "keys",
  about: "a changed key set: from its arrival in the mailbox to its being in force, beside one login at a stock sshd",
  comparisons: [{ metric: "time", unit: "ms", subject: "bastion", baseline: "stock sshd", goal: { subjectAtMost: GOAL_MS } }],

  note: () =>
    "each cloud's way to the mailbox comes on top: docs/aws.md, docs/gcp.md, docs/azure.md and docs/kubernetes.md say how long it takes",

  async prepare(site) {
    const example = await site.shared(deployExample);
    const customer = new CustomerFolder(site.network);
    site.onClose(() => customer.remove());
    const sshd = await startStockSshd(site, example, customer.makeKey("stock.key"));
    customer.write("stock_known_hosts", renderKnownHosts(sshd, [parsePublicKey(sshd.hostKey)]));
    const login = renderClientCommand({ ...sshd, identityFile: "./stock.key", knownHostsFile: "./stock_known_hosts" }, []);
    return {
      bastion: () => measureChange(site, example.directory),
      "stock sshd": () => measureLogin(site, customer, login),
    };
  },
};

/** Delivers a key set that has one key more or less than the last one. */
async function measureChange(site: Site, directory: string): Promise<Figures> {
  await site.checkpoint();
  const mailbox = join(directory, "mailbox/key-set.json");
  const changed = `${JSON.stringify(withoutLastKey(JSON.parse(readFileSync(mailbox, "utf8")) as KeySet))}\n`;
  const before = readFileSync(mailbox, "utf8");
  const there = await deliver(mailbox, changed, directory);
  const back = await deliver(mailbox, before, directory);
  return { time: (there + back) / 2 };
}

async function deliver(mailbox: string, document: string, directory: string): Promise<number> {
  const digest = createHash("sha256").update(document).digest("hex");
  writeFileSync(`${mailbox}.new`, document);
  const start = performance.now();
  renameSync(`${mailbox}.new`, mailbox);
  await waitUntil("the key set to be in force", () => {
    const status = JSON.parse(readFileSync(join(directory, "run/status.json"), "utf8")) as { keySet: { digest: string } };
    return status.keySet.digest === digest;
  });
  return performance.now() - start;
}

function withoutLastKey({ users, ...rest }: KeySet): KeySet {
  return {
    ...rest,
    users: Object.fromEntries(Object.entries(users).map(([user, set]) => [user, { ...set, keys: set.keys.slice(0, -1) }])),
  };
}

async function measureLogin(site: Site, customer: CustomerFolder, command: string): Promise<Figures> {
  const start = performance.now();
  return { time: (await dialUntil(site, customer, command, /^Authenticated to /)) - start };
}
