import { type Command, InvalidArgumentError } from "commander";
import { notThere, wrongUsage } from "../command-failure.ts";
import { BASTION } from "../invocation.ts";
import { listDeployedStacks } from "../stack-description.ts";
import { renderJson, type Terminal } from "../terminal.ts";
import { askStacks } from "./ask-stacks.ts";
import { describeReadings, renderReadings } from "./print-status.ts";
import { exitCodeOf } from "./reading.ts";
import { watchStacks } from "./watch-stacks.ts";

interface StatusOptions {
  readonly watch?: true;
  readonly interval?: number;
  readonly operator?: string;
  readonly identity?: string;
  readonly json?: true;
}

const DEFAULT_INTERVAL_SECONDS = 2;
/** The bastion closes a connection that is idle for a minute. */
const LONGEST_INTERVAL_SECONDS = 30;

/** `bastion status`: which tunnels are up, of one customer or of all. */
export function addStatusCommand(program: Command, terminal: Terminal): void {
  program
    .command("status")
    .summary("which tunnels are up, since when, and who holds them")
    .description(
      "Asks bastions how they are, as an operator: which tunnels are up, since when, who holds them, open connections and bytes; which keys expire within 30 days or were refused. The operator's key is the one in the stack, unless --identity names a file.",
    )
    .argument("[stack...]", "stacks of customers; all that are deployed when left out")
    .option("--watch", "go on until Ctrl-C: a live table on a terminal, elsewhere a line for each change")
    .option(
      "--interval <seconds>",
      `with --watch, time between two looks, 1–${LONGEST_INTERVAL_SECONDS} (default: ${DEFAULT_INTERVAL_SECONDS})`,
      parseInterval,
    )
    .option("--operator <name>", "operator whose generated key is used; the first that has one when left out")
    .option("--identity <file>", "private key of an operator whose public key was imported")
    .option("--json", "print plain data; with --watch, a line of it for each change")
    .addHelpText(
      "after",
      "\nExit codes: 0 all tunnels are up, 5 some tunnel is not, 1 a bastion could not be asked\n\nExample:\n  bastion status acme --watch",
    )
    .action((stacks: readonly string[], options: StatusOptions) => run(terminal, stacks, options));
}

function parseInterval(value: string): number {
  const seconds = Number(value);
  if (value.trim() !== "" && seconds >= 1 && seconds <= LONGEST_INTERVAL_SECONDS) return seconds;
  throw new InvalidArgumentError(`It is a number of seconds, 1–${LONGEST_INTERVAL_SECONDS}.`);
}

async function run(terminal: Terminal, named: readonly string[], options: StatusOptions): Promise<void> {
  const { watch, interval, operator, identity, json = false } = options;
  if (interval !== undefined && !watch) throw wrongUsage("--interval goes with --watch");
  const stacks = named.length > 0 ? [...new Set(named)] : await listDeployedStacks(terminal);
  if (stacks.length === 0) throw notThere(`no stack of this project is deployed; deploy one with: ${BASTION} up NAME`);
  const login = { operator, identity, folder: terminal.folder };
  if (watch) return watchStacks(terminal, stacks, { login, json, intervalSeconds: interval ?? DEFAULT_INTERVAL_SECONDS });
  const readings = await askStacks(terminal, stacks, login);
  terminal.print(json ? renderJson(describeReadings(readings)) : renderReadings(readings, Date.now(), terminal.emphasize));
  const exitCode = exitCodeOf(readings);
  if (exitCode !== 0) process.exitCode = exitCode;
}
