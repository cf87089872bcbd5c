import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { renderAwsUserData } from "../../components/host/cloud-init.ts";
import { hostPrograms, ProgramPackage } from "../../components/host/programs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const INPUT = { region: "eu-central-1", prefix: "/reverse-bastion/proj/prod/acme", keepDefaultUser: false };

interface CloudConfig {
  readonly users?: readonly string[];
  readonly write_files: readonly { readonly path: string; readonly encoding?: string; readonly content: string }[];
  readonly runcmd: readonly (readonly string[])[];
}

const folder = temporaryFolder();
const hasCloudInit = spawnSync("cloud-init", ["--version"]).status === 0;

describe("the user data of a machine on AWS", () => {
  test("is this text: whatever changes it replaces every machine there is", () => {
    const digest = createHash("sha256").update(renderAwsUserData(INPUT)).digest("hex");
    // To change this is to replace the machine of every bastion at its next `pulumi up`. Say so in the change log.
    expect(digest).toBe("f5a28e13607c7e6a93908c7124ec5974cc20abedaf8b09f9469282e9a12e5123");
  });

  test("is well below the 16 KiB that EC2 takes", () => {
    expect(Buffer.byteLength(renderAwsUserData(INPUT))).toBeLessThan(10_000);
  });

  test("brings the programs that fetch all others, as they are", () => {
    const { write_files: files } = parse(renderAwsUserData(INPUT)) as CloudConfig;
    const sources = new Map(hostPrograms("/var/lib/reverse-bastion/boot", ProgramPackage.VirtualMachine).map((file) => [file.path, file]));
    const programs = files.filter(({ path }) => path.endsWith(".py"));
    expect(programs.map(({ path }) => path.split("/").at(-1))).toEqual(["bootstrap.py", "document.py", "parameter_store.py"]);
    for (const { path, encoding, content } of programs) {
      expect(encoding).toBe("gz+b64");
      expect(gunzipSync(Buffer.from(content, "base64")).toString()).toBe(sources.get(path)?.content);
    }
  });

  test("says where the rest is, and starts the unit without waiting for it", () => {
    const { write_files: files, runcmd, users } = parse(renderAwsUserData(INPUT)) as CloudConfig;
    const machine = files.find(({ path }) => path === "/var/lib/reverse-bastion/boot/machine.json");
    expect(JSON.parse(machine?.content ?? "")).toEqual({ cloud: "aws", region: INPUT.region, prefix: INPUT.prefix });
    expect(runcmd).toEqual([["systemctl", "enable", "--now", "--no-block", "reverse-bastion-sync.service"]]);
    expect(users).toEqual([""]);
  });

  test("leaves the image's own user for an administrator", () => {
    expect(parse(renderAwsUserData({ ...INPUT, keepDefaultUser: true }))).not.toHaveProperty("users");
  });

  test.skipIf(!hasCloudInit)("is what cloud-init understands", () => {
    for (const keepDefaultUser of [true, false]) {
      const file = join(folder, "user-data");
      writeFileSync(file, renderAwsUserData({ ...INPUT, keepDefaultUser }));
      const { stdout, stderr, status } = spawnSync("cloud-init", ["schema", "--config-file", file], { encoding: "utf8" });
      expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: expect.stringContaining("Valid cloud-config") });
    }
  });
});
