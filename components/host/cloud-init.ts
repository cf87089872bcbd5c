import { type BootFile, bootFiles, MACHINE_FILE } from "./boot-files.ts";
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

/** What a machine on Azure has to know before it can read anything else. */
export interface AzureCustomData {
  /** URL of the key vault. */
  readonly vault: string;
  /** Of the identity that may read it. */
  readonly clientId: string;
  /** Whether the virtual machine's administrator is made. */
  readonly keepDefaultUser: boolean;
}

/**
 * Renders the user data of a machine on AWS: the programs that fetch everything else, and what starts them. It holds
 * neither keys nor secrets, and depends on nothing that changes, since a change of it replaces the machine.
 */
export function renderAwsUserData({ region, prefix, keepDefaultUser }: AwsUserData): string {
  return renderCloudConfig({
    changesComeFrom: "the parameters below the prefix",
    keepDefaultUser,
    programs: bootFiles("parameter_store.py"),
    machine: { cloud: "aws", region, prefix },
  });
}

/** Renders the custom data of a machine on Azure, not yet in base64. The same is true of it as on AWS. */
export function renderAzureCustomData({ vault, clientId, keepDefaultUser }: AzureCustomData): string {
  return renderCloudConfig({
    changesComeFrom: "the machine's user data and the vault",
    keepDefaultUser,
    programs: bootFiles("vault_store.py"),
    machine: { cloud: "azure", vault, clientId },
  });
}

interface CloudConfig {
  /** For those who read it. */
  readonly changesComeFrom: string;
  readonly keepDefaultUser: boolean;
  readonly programs: readonly BootFile[];
  readonly machine: Readonly<Record<string, string>>;
}

function renderCloudConfig({ changesComeFrom, keepDefaultUser, programs, machine }: CloudConfig): string {
  const files = [
    ...programs.map(({ path, content }) => ({ path, encoding: "gz+b64", content: packDocument(content) })),
    { path: MACHINE_FILE, content: JSON.stringify(machine) },
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
  return `#cloud-config\n# Written by pulumi-reverse-bastion. What may change comes from ${changesComeFrom}.\n${lines.join("\n")}\n`;
}

/** JSON is YAML; the items of a list are given a line each, for those who read it. */
function renderYaml(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value);
  return value.map((item) => `\n  - ${JSON.stringify(item)}`).join("");
}
