import { bootFiles, MACHINE_FILE } from "./boot-files.ts";
import { packDocument } from "./mailbox-document.ts";
import { Unit } from "./units.ts";

/** What a machine on AWS has to know before it can read anything else. */
export interface AwsUserData {
  readonly region: string;
  /** Of the names of its SSM parameters, without a slash at the end. */
  readonly prefix: string;
  /** Whether the image's own user is made: an administrator logs in as that. */
  readonly keepDefaultUser: boolean;
}

/**
 * Renders the user data of a machine on AWS: the programs that fetch everything else, and what starts them. It holds
 * neither keys nor secrets, and depends on nothing that changes, since a change of it replaces the machine.
 */
export function renderAwsUserData({ region, prefix, keepDefaultUser }: AwsUserData): string {
  const files = [
    ...bootFiles("parameter_store.py").map(({ path, content }) => ({ path, encoding: "gz+b64", content: packDocument(content) })),
    { path: MACHINE_FILE, content: JSON.stringify({ cloud: "aws", region, prefix }) },
  ];
  const config = {
    // Otherwise cloud-init makes a user with all rights. One without a name is none; an empty list, Debian 12's refuses.
    ...(keepDefaultUser ? {} : { users: [""] }),
    package_update: false,
    package_upgrade: false,
    write_files: files,
    runcmd: [["systemctl", "enable", "--now", "--no-block", Unit.Sync]],
  };
  const lines = Object.entries(config).map(([key, value]) => `${key}: ${renderYaml(value)}`);
  return `#cloud-config\n# Written by pulumi-reverse-bastion. What may change comes from the parameters below the prefix.\n${lines.join("\n")}\n`;
}

/** JSON is YAML; the items of a list are given a line each, for those who read it. */
function renderYaml(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value);
  return value.map((item) => `\n  - ${JSON.stringify(item)}`).join("");
}
