import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { isEstuaryKey, renderEstuaryTunnel } from "../../../components/kit/estuary-tunnel.ts";
import { platformFacts } from "../../../components/kit/platform-facts.ts";
import { failed } from "../command-failure.ts";
import { refuseTakenPlace, writePrivateFile } from "../private-file.ts";
import { type PrivateKeys, privateKeyOf } from "../private-keys.ts";
import { readStack, readStackWithKeys } from "../stack-description.ts";
import { renderJson, type Terminal } from "../terminal.ts";
import { consumerOf, describeSettings, renderSettings, SETTINGS_FORMATS, type SettingsFormat } from "./platform-settings.ts";

interface ConsumerOptions {
  readonly consumer?: string;
  readonly format: SettingsFormat;
  readonly out?: string;
  readonly force?: true;
  readonly json?: true;
}

/** `bastion consumer`: what the platform's own services set. */
export function addConsumerCommand(program: Command, terminal: Terminal): void {
  program
    .command("consumer")
    .summary("what the platform's services set to reach the tunnels")
    .description(
      "Prints what services of the platform set: host and port of each tunnel that is reached over the network, and for a consumer that logs in, its SSH endpoint and what it reaches from there.",
    )
    .argument("[stack]", "stack of the customer; the one that is selected in this folder when left out")
    .option("--consumer <name>", "only this one; for ssh-config and estuary it may be left out where there is only one")
    .addOption(
      new Option("--format <format>", "text for a person, ssh-config, networkTunnel of Estuary Flow, or variables of an environment")
        .choices(SETTINGS_FORMATS)
        .default("text"),
    )
    .option("--out <file>", "write it to a file that only you can read; with estuary, the private key is put in")
    .option("--force", "overwrite that file")
    .addOption(new Option("--json", "print plain data").conflicts(["format", "out"]))
    .addHelpText("after", "\nExample:\n  bastion consumer acme --consumer flow --format estuary --out ./flow.yaml")
    .action(async (stack: string | undefined, options: ConsumerOptions) => {
      if (options.out === undefined) terminal.print(await printed(terminal, stack, options));
      else terminal.print(await write(terminal, stack, options, options.out));
    });
}

async function printed(terminal: Terminal, stack: string | undefined, options: ConsumerOptions): Promise<string> {
  const description = await readStack(terminal, stack);
  return options.json
    ? renderJson(describeSettings(description, options.consumer))
    : renderSettings(description, options.format, options.consumer, terminal.emphasize);
}

async function write(terminal: Terminal, stack: string | undefined, options: ConsumerOptions, out: string): Promise<string> {
  const file = resolve(terminal.folder, out);
  const how = { force: options.force ?? false, interruption: terminal.interruption };
  refuseTakenPlace(file, how);
  const { description, keys } = await readStackWithKeys(terminal, stack);
  if (options.format !== "estuary") {
    await writePrivateFile(file, renderSettings(description, options.format, options.consumer), how);
    return `${out} written\n`;
  }
  const consumer = consumerOf(platformFacts(description.bastion), options.consumer);
  await writePrivateFile(file, renderEstuaryTunnel(consumer, estuaryKey(keys, consumer.name)), how);
  return `${out} written, with the private key of consumer ${consumer.name}; only you can read it\n`;
}

function estuaryKey(keys: PrivateKeys, consumer: string): string {
  const key = privateKeyOf(keys, "consumer", consumer);
  if (!isEstuaryKey(key))
    throw failed(`the key of consumer ${consumer} is no RSA key in PEM, which Estuary Flow asks for; give it "generateKey: rsa-pem"`);
  return key;
}
