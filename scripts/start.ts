import { parseArgs, styleText } from "node:util";
import { LocalWorkspace, type OutputMap, type Stack } from "@pulumi/pulumi/automation/index.js";
import type { PeerDescription, TunnelDescription } from "../components/core/describe-bastion.ts";
import { Customer } from "./demo/customer.ts";
import { DataSource } from "./demo/data-source.ts";
import { queryThroughBindPort } from "./demo/platform.ts";

const HELP = `Usage: npm start [-- --keep]

Takes the example customer (stacks/customers/acme.yaml) from its file to rows read through its tunnel, on this
machine: pulumi up, the customer's ssh -R, the platform's query.

  --keep   leave the bastion running; remove it with: npm run pulumi -- destroy --stack acme
  --help   this text
`;

const STACK = "acme";
const TUNNEL = "orders";
const CLIENT = "dc1";
/** Where acme.yaml says the customer's database is. */
const DATABASE = { host: "127.0.0.1", port: 54320 };

const options = readOptions();
if (options === undefined) process.exitCode = 2;
else if (options.help) process.stdout.write(HELP);
else process.exitCode = await demonstrate(options.keep);

function readOptions(): { readonly keep: boolean; readonly help: boolean } | undefined {
  try {
    return parseArgs({ options: { keep: { type: "boolean", default: false }, help: { type: "boolean", default: false } } }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return undefined;
  }
}

async function demonstrate(keep: boolean): Promise<number> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => reject(new Error(`interrupted by ${signal}`)));
  });
  // Whoever waits sees it; nobody waiting is no error.
  interrupted.catch(() => {});
  try {
    await Promise.race([tellTheStory(keep, cleanups), interrupted]);
    return 0;
  } catch (error) {
    process.stderr.write(`\n${styleText("red", "failed:")} ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

async function tellTheStory(keep: boolean, cleanups: (() => Promise<unknown>)[]): Promise<void> {
  step("The platform engineer: pulumi up for the customer in stacks/customers/acme.yaml");
  const stack = await LocalWorkspace.createOrSelectStack({ stackName: STACK, workDir: process.cwd() });
  if (!keep) cleanups.push(() => remove(stack));
  const { outputs } = await stack.up({ onOutput: showDimmed, color: "never", suppressOutputs: true });

  const tunnel = find<TunnelDescription>(outputs, "tunnels", TUNNEL);
  const client = find<PeerDescription>(outputs, "clients", CLIENT);
  const address = tunnel.consumerAddresses[0] ?? `127.0.0.1:${tunnel.bindPort}`;
  show("endpoint", outputValue<string>(outputs, "endpoint"));
  show("host key", outputValue<{ fingerprint: string }[]>(outputs, "hostKeys")[0]?.fingerprint ?? "");

  step("The customer: a database that nobody can reach from outside, and the command that was printed");
  const database = await DataSource.start(DATABASE.host, DATABASE.port);
  cleanups.push(() => database.stop());
  process.stdout.write(`\n  ${client.command}\n\n`);
  const customer = new Customer({
    command: client.command,
    knownHosts: outputValue<string>(outputs, "knownHosts"),
    client: CLIENT,
    privateKey: outputValue<Record<string, string>>(outputs, "clientPrivateKeys")[CLIENT] ?? "",
  });
  cleanups.push(() => customer.stop());

  step(`The platform: select * from orders, at ${address}`);
  const rows = await queryThroughBindPort(address, "select * from orders order by id", () => customer.failure);
  console.table(rows);
  step(
    keep
      ? "The bastion stays. Remove it with: npm run pulumi -- destroy --stack acme"
      : "Done. Removing what was started (keep it with: npm start -- --keep)",
  );
}

async function remove(stack: Stack): Promise<void> {
  await stack.destroy({ color: "never" });
  await stack.workspace.removeStack(STACK);
}

function outputValue<T>(outputs: OutputMap, name: string): T {
  const output = outputs[name];
  if (output === undefined) throw new Error(`the stack has no output ${name}`);
  return output.value as T;
}

function find<T extends { readonly name: string }>(outputs: OutputMap, list: string, name: string): T {
  const found = outputValue<T[]>(outputs, list).find((item) => item.name === name);
  if (found === undefined) throw new Error(`stacks/customers/acme.yaml has no ${name} among its ${list}`);
  return found;
}

function step(text: string): void {
  process.stdout.write(`\n${styleText("bold", `==> ${text}`)}\n`);
}

function show(label: string, value: string): void {
  process.stdout.write(`  ${label.padEnd(9)} ${value}\n`);
}

function showDimmed(text: string): void {
  process.stdout.write(styleText("dim", text));
}
