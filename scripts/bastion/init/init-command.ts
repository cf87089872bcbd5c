import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { checkName } from "../../../components/core/name.ts";
import { renderProblem } from "../../../components/core/problem.ts";
import { wrongUsage } from "../command-failure.ts";
import { BASTION } from "../invocation.ts";
import { isAskable, withTerminalQuestions } from "../line-reader.ts";
import { customerFileOf, findProject } from "../project.ts";
import { repeatable } from "../repeatable.ts";
import { indent } from "../table.ts";
import { renderJson, type Terminal } from "../terminal.ts";
import type { Answers, PlacementAnswers } from "./answers.ts";
import { checkAnswers } from "./check-answers.ts";
import { TARGETS } from "./customer-draft.ts";
import { interview } from "./interview.ts";
import { renderCustomer } from "./render-customer.ts";
import { refuseExisting, writeCustomer } from "./write-customer.ts";

interface InitOptions extends PlacementAnswers {
  readonly target?: string;
  readonly clientCidr?: readonly string[];
  readonly consumerCidr?: readonly string[];
  readonly tunnel?: readonly string[];
  readonly client?: readonly string[];
  readonly force?: true;
  readonly json?: true;
}

/** `bastion init`: a new customer's file. */
export function addInitCommand(program: Command, terminal: Terminal): void {
  program
    .command("init")
    .summary("write the file of a new customer")
    .description("Writes stacks/customers/NAME.yaml. On a terminal it asks; with options, or without a terminal, it does not.")
    .argument("[name]", "name of the customer; the file and the stack are called so")
    .option("--target <target>", `what the bastion runs on: ${TARGETS.join(", ")}`)
    .option("--client-cidr <block>", "CIDR block that may reach sshd; repeatable", repeatable)
    .option("--consumer-cidr <block>", "CIDR block that may reach bind ports; repeatable", repeatable)
    .option("--tunnel <tunnel>", "name=host:port or name=host:port@bindPort; repeatable", repeatable)
    .option("--client <client>", "name, whose key is made, or name=publicKeyFile; repeatable", repeatable)
    .option("--region <region>", "region, for aws; that of the AWS configuration when left out")
    .option("--zone <zone>", "zone, for gcp")
    .option("--location <location>", "location, for azure")
    .option("--namespace <namespace>", "namespace, for kubernetes")
    .option("--image <image>", "image pinned by its digest, for kubernetes")
    .option(
      "--exposure <kind>",
      "way to sshd, for kubernetes: load-balancer=aws, node-port=30022, nginx-tcp-services, gateway-tcp-route=GATEWAY/SECTION, none",
    )
    .option("--host <host>", "name or address that clients dial, for local and kubernetes")
    .option("--force", "also over a file that is there")
    .option("--json", "print what was written as plain data, and ask nothing")
    .addHelpText(
      "after",
      "\nExample:\n  bastion init globex --target local --client-cidr 198.51.100.0/24 --consumer-cidr 10.20.0.0/16 --tunnel orders=orders-db.internal:5432 --client dc1",
    )
    .action(async (name: string | undefined, options: InitOptions) => {
      const written = await writeNewCustomer(terminal, name, options);
      terminal.print(options.json ? renderJson(written) : renderNewCustomer(written, terminal));
    });
}

/** What `bastion init` has done. */
interface NewCustomer {
  readonly customer: string;
  readonly target: string;
  /** Relative to the project. */
  readonly file: string;
  readonly next: readonly string[];
}

async function writeNewCustomer(terminal: Terminal, given: string | undefined, options: InitOptions): Promise<NewCustomer> {
  const project = findProject(terminal.folder);
  const force = options.force ?? false;
  const pathOf = (name: string) => join(project, customerFileOf(name));
  const isName = given !== undefined && checkName(given) === undefined;
  if (isName && !force) refuseExisting(pathOf(given), customerFileOf(given));
  const readFile = (path: string) => readFileSync(resolve(terminal.folder, path), "utf8");
  const asks = isAskable() && Object.keys(options).every((option) => option === "force") && (given === undefined || isName);
  const answers = asks
    ? await withTerminalQuestions(terminal.interruption, (ask) =>
        interview(
          {
            ask,
            readFile,
            explain: (reason) => process.stderr.write(`${terminal.emphasize("red", indent(reason))}\n`),
            checkName: (name) =>
              !force && checkName(name) === undefined && existsSync(pathOf(name)) ? "has a file already; choose another name" : undefined,
          },
          given,
        ),
      )
    : answersOf(given, options);
  const { draft, problems } = checkAnswers(answers, readFile);
  if (problems.length > 0) throw wrongUsage(`the customer cannot be written:\n${indent(problems.map(renderProblem).join("\n"))}`);
  const { customer, target } = draft;
  const file = customerFileOf(customer);
  await writeCustomer(pathOf(customer), file, renderCustomer(draft, schemaFor(project)), { force, interruption: terminal.interruption });
  const client = draft.clients.length > 1 ? ` --client ${draft.clients[0]?.name}` : "";
  return { customer, target, file, next: [`${BASTION} up ${customer}`, `${BASTION} kit ${customer}${client}`] };
}

/** Where an editor finds the schema from a customer's file: in this repository, or in the package that is installed. */
function schemaFor(project: string): string {
  return existsSync(join(project, "stacks/customer.schema.json"))
    ? "../customer.schema.json"
    : "../../node_modules/pulumi-reverse-bastion/stacks/customer.schema.json";
}

function answersOf(name: string | undefined, options: InitOptions): Answers {
  const { clientCidr = [], consumerCidr = [], tunnel = [], client = [], force: _force, json: _json, ...rest } = options;
  return { name, ...rest, clientCidrs: clientCidr, consumerCidrs: consumerCidr, tunnels: tunnel, clients: client };
}

function renderNewCustomer({ file, next: [up, kit] }: NewCustomer, { emphasize }: Terminal): string {
  return `${emphasize("bold", file)} ${emphasize("green", "written")}

Deploy the bastion, then write what the customer connects with:
  ${up}
  ${kit}
`;
}
