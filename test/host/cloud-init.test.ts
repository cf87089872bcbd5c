import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { renderAwsUserData, renderAzureCustomData } from "../../components/host/cloud-init.ts";
import { hostPrograms, ProgramPackage } from "../../components/host/programs.ts";
import { renderUnit, Unit } from "../../components/host/units.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const AWS = { region: "eu-central-1", prefix: "/reverse-bastion/proj/prod/acme" };
const AZURE = { vault: "https://rb-0123456789abcdef0123.vault.azure.net", clientId: "5f2b7a8e-0c1d-4e3f-9a6b-7c8d9e0f1a2b" };
const BOOT = "/var/lib/reverse-bastion/boot";

interface WrittenFile {
  readonly path: string;
  readonly encoding?: string;
  readonly content: string;
}

interface CloudConfig {
  readonly users?: readonly string[];
  readonly write_files: readonly WrittenFile[];
  readonly runcmd: readonly (readonly string[])[];
}

const folder = temporaryFolder();
const hasCloudInit = spawnSync("cloud-init", ["--version"]).status === 0;

const CLOUDS = [
  {
    kind: "user data of a machine on AWS",
    render: (keepDefaultUser: boolean) => renderAwsUserData({ ...AWS, keepDefaultUser }),
    store: "parameter_store.py",
    machine: { cloud: "aws", ...AWS },
    changesComeFrom: "the parameters below the prefix",
    digest: "6e3f7c82a0d72305fbed3e2178f883107f716abc1c062e76d412fb15f11ae7f5",
  },
  {
    kind: "custom data of a machine on Azure",
    render: (keepDefaultUser: boolean) => renderAzureCustomData({ ...AZURE, keepDefaultUser }),
    store: "vault_store.py",
    machine: { cloud: "azure", ...AZURE },
    changesComeFrom: "the machine's user data and the vault",
    digest: "b3fc4cb23bfb1b57420eb871c60f6b52c9c5169f9668a2d161d0265f38dc8724",
  },
];

describe.each(CLOUDS)("the $kind", ({ render, store, machine, changesComeFrom, digest }) => {
  const text = render(false);
  const { write_files: files, runcmd, users } = parse(text) as CloudConfig;
  const unpack = ({ content }: WrittenFile) => gunzipSync(Buffer.from(content, "base64")).toString();

  test("is this text: whatever changes it replaces every machine there is", () => {
    // To change this is to replace the machine of every bastion at its next `pulumi up`. Say so in the change log.
    expect(createHash("sha256").update(text).digest("hex")).toBe(digest);
  });

  test("is well below the 16 KiB that EC2 takes, and far below the 64 KiB of Azure", () => {
    expect(Buffer.byteLength(text)).toBeLessThan(12_000);
  });

  test("says what it is to those who find it on a machine", () => {
    const [kind, comment] = text.split("\n");
    expect(kind).toBe("#cloud-config");
    expect(comment).toBe(`# Written by pulumi-reverse-bastion. What may change comes from ${changesComeFrom}.`);
  });

  test("brings the programs that fetch all others, and the unit that starts them, as they are", () => {
    const sources = new Map(hostPrograms(BOOT, ProgramPackage.VirtualMachine).map((file) => [file.path, file.content]));
    const programs = ["bootstrap.py", "document.py", "http_service.py", store].map((name) => `${BOOT}/bastion_vm/${name}`);
    const unit = "/etc/systemd/system/reverse-bastion-sync.service";
    expect(files.map(({ path, encoding }) => [path, encoding])).toEqual([
      ...[...programs, unit].map((path) => [path, "gz+b64"]),
      [`${BOOT}/machine.json`, undefined],
    ]);
    const unpacked = new Map(files.filter(({ encoding }) => encoding === "gz+b64").map((file) => [file.path, unpack(file)]));
    for (const path of programs) expect(unpacked.get(path)).toBe(sources.get(path));
    expect(unpacked.get(unit)).toBe(renderUnit(Unit.Sync));
  });

  test("says where the rest is, starts the unit without waiting for it, and makes no user", () => {
    expect(JSON.parse(files.find(({ path }) => path === `${BOOT}/machine.json`)?.content ?? "")).toEqual(machine);
    expect(runcmd).toEqual([["systemctl", "enable", "--now", "--no-block", "reverse-bastion-sync.service"]]);
    // One without a name: Debian 12's cloud-init minds an empty list.
    expect(users).toEqual([""]);
  });

  test("leaves the default user for an administrator, and is the same otherwise", () => {
    const { users: kept, ...rest } = parse(render(true)) as CloudConfig;
    const { users: _none, ...same } = parse(text) as CloudConfig;
    expect(kept).toBeUndefined();
    expect(rest).toEqual(same);
  });

  test("holds no key and no secret", () => {
    const everything = [text, ...files.map((file) => (file.encoding ? unpack(file) : file.content))].join("\n");
    expect(everything).not.toMatch(/PRIVATE KEY|ssh-(?:ed25519|rsa) |AAAA[BC]3Nz/);
  });

  test.skipIf(!hasCloudInit)("is what cloud-init understands", () => {
    for (const keepDefaultUser of [true, false]) {
      const file = join(folder, "cloud-config");
      writeFileSync(file, render(keepDefaultUser));
      const { stdout, stderr, status } = spawnSync("cloud-init", ["schema", "--config-file", file], { encoding: "utf8" });
      expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: expect.stringContaining("Valid cloud-config") });
    }
  });
});

test("custom data of two machines differs in the vault and its reader alone", () => {
  const other = { vault: "https://rb-fedcba98765432100123.vault.azure.cn", clientId: "00000000-0000-4000-8000-000000000000" };
  const replaced = renderAzureCustomData({ ...AZURE, keepDefaultUser: false })
    .replace(AZURE.vault, other.vault)
    .replace(AZURE.clientId, other.clientId);
  expect(renderAzureCustomData({ ...other, keepDefaultUser: false })).toBe(replaced);
});
