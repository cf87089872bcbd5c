import { resolve } from "node:path";
import type { Command } from "commander";
import { renderKit } from "../../../components/kit/kit.ts";
import { kitFacts } from "../../../components/kit/kit-facts.ts";
import { chooseClient } from "../choose-client.ts";
import { readStack } from "../stack-description.ts";
import { renderJson, type Terminal } from "../terminal.ts";
import { renderKitArchive, writeKitArchive } from "./kit-archive.ts";
import { withChecksums } from "./kit-checksums.ts";
import { writeKitFolder } from "./kit-folder.ts";
import { describeWrittenKit, renderWrittenKit, type WrittenKit } from "./print-kit.ts";

interface KitOptions {
  readonly client?: string;
  readonly customer?: string;
  readonly out?: string;
  readonly zip?: true;
  readonly force?: true;
  readonly json?: true;
}

/** `bastion kit`: the files by which a customer connects. */
export function addKitCommand(program: Command, terminal: Terminal): void {
  program
    .command("kit")
    .summary("write the files by which a customer connects")
    .description(
      "Writes the kit of a client: a page that explains it, known_hosts, ssh_config, and what keeps the tunnels up on Linux, Windows, Docker and Kubernetes. Only public material; the private key is delivered separately.",
    )
    .argument("[stack]", "stack of the customer; the one that is selected in this folder when left out")
    .option("--client <name>", "client whose kit it is; may be left out where there is only one")
    .option("--customer <name>", "what the kit calls the customer; the name of the stack when left out")
    .option("--out <path>", "folder to write, or file with --zip; ./<customer>-<client> when left out")
    .option("--zip", "write one ZIP archive; the same kit is the same archive, byte for byte")
    .option("--force", "write also into a folder with other files, and over files that were changed")
    .option("--json", "print what was written as plain data")
    .addHelpText("after", "\nExample:\n  bastion kit acme --client dc1 --out ./acme-dc1")
    .action(async (stack: string | undefined, options: KitOptions) => {
      const written = await writeKit(terminal, stack, options);
      terminal.print(options.json ? renderJson(describeWrittenKit(written)) : renderWrittenKit(written, terminal.emphasize));
    });
}

async function writeKit(terminal: Terminal, name: string | undefined, options: KitOptions): Promise<WrittenKit> {
  const { stack, bastion, generatedKeys } = await readStack(terminal, name);
  const names = bastion.clients.map((client) => client.name);
  const client = chooseClient(names, options.client);
  const source = { customer: options.customer ?? customerOf(stack), description: bastion, client };
  const { customer, folder, keyFile } = kitFacts(source);
  const files = withChecksums(renderKit(source));
  const out = options.out ?? (options.zip ? `./${folder}.zip` : `./${folder}`);
  const place = resolve(terminal.folder, out);
  const how = { force: options.force ?? false, interruption: terminal.interruption };
  const outcome = options.zip
    ? await writeKitArchive(place, renderKitArchive(folder, files), how)
    : await writeKitFolder(place, files, how);
  return { stack, customer, client, out, outcome, files, keyFile, isKeyGenerated: generatedKeys.clients.includes(client) };
}

/** The stack is named after the customer's file; backends with organizations put theirs before it. */
function customerOf(stack: string): string {
  return stack.slice(stack.lastIndexOf("/") + 1);
}
