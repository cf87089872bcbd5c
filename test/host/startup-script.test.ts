import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { hostPrograms, ProgramPackage } from "../../components/host/programs.ts";
import { renderStartupScript } from "../../components/host/startup-script.ts";
import { renderUnit, Unit } from "../../components/host/units.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const SCRIPT = renderStartupScript({ project: "acme-data-prod", secret: "reverse-bastion-acme-1a2b3c4d" });
const SOURCE = resolve(import.meta.dirname, "../../components/host/startup-script.sh");
const UNIT = "reverse-bastion-sync.service";
const BOOT = "var/lib/reverse-bastion/boot";
const UNIT_FILE = `etc/systemd/system/${UNIT}`;

/** A machine whose file system is a folder, and whose systemd takes notes. */
function makeMachine() {
  const folder = temporaryFolder();
  const root = join(folder, "root");
  const tools = join(folder, "bin");
  const notes = join(folder, "systemctl.log");
  mkdirSync(tools);
  writeFileSync(join(tools, "systemctl"), `#!/bin/sh\nprintf '%s\\n' "$*" >>${notes}\n`);
  chmodSync(join(tools, "systemctl"), 0o755);
  return {
    path: (name: string) => join(root, name),
    read: (name: string) => readFileSync(join(root, name), "utf8"),
    boot: (script = SCRIPT) => {
      writeFileSync(notes, "");
      const env = { PATH: `${tools}:${process.env.PATH}`, DESTDIR: root };
      const { status, stdout, stderr } = spawnSync("sh", [], { input: script, encoding: "utf8", env });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
      return readFileSync(notes, "utf8").split("\n").filter(Boolean);
    },
    files: () =>
      readdirSync(root, { recursive: true, encoding: "utf8" })
        .filter((name) => statSync(join(root, name)).isFile())
        .sort(),
  };
}

const STARTED = ["daemon-reload", `enable ${UNIT}`, `restart --no-block ${UNIT}`];
const KEPT = [`enable --now --no-block ${UNIT}`];

describe("the startup script of a machine on GCP", () => {
  test("has nothing that shellcheck minds, neither as it is nor as it is run", () => {
    const rendered = join(temporaryFolder(), "startup-script.sh");
    writeFileSync(rendered, SCRIPT);
    for (const script of [SOURCE, rendered]) expect(execFileSync("shellcheck", [script], { encoding: "utf8" })).toBe("");
  });

  test("is far below the 256 KB of a metadata value, and leaves no placeholder behind", () => {
    expect(Buffer.byteLength(SCRIPT)).toBeLessThan(32_000);
    expect(SCRIPT).not.toMatch(/@\w+@/);
    expect(SCRIPT).toMatch(/^#!\/bin\/sh\n/);
  });

  test("brings what fetches everything else, as it is, and what starts it", () => {
    const machine = makeMachine();
    expect(machine.boot()).toEqual(STARTED);
    const programs = ["bootstrap.py", "document.py", "http_service.py", "metadata_store.py"];
    expect(machine.files()).toEqual([UNIT_FILE, `${BOOT}/machine.json`, ...programs.map((name) => `${BOOT}/bastion_vm/${name}`)].sort());
    const sources = new Map(hostPrograms(BOOT, ProgramPackage.VirtualMachine).map(({ path, content }) => [path, content]));
    for (const name of programs) expect(machine.read(`${BOOT}/bastion_vm/${name}`)).toBe(sources.get(`${BOOT}/bastion_vm/${name}`));
    expect(machine.read(UNIT_FILE)).toBe(renderUnit(Unit.Sync));
    expect(JSON.parse(machine.read(`${BOOT}/machine.json`))).toEqual({
      cloud: "gcp",
      project: "acme-data-prod",
      secret: "reverse-bastion-acme-1a2b3c4d",
    });
    for (const name of machine.files()) expect([name, statSync(machine.path(name)).mode & 0o777]).toEqual([name, 0o644]);
  });

  test("changes nothing at the next boot", () => {
    const machine = makeMachine();
    machine.boot();
    const look = () => machine.files().map((name) => [name, statSync(machine.path(name)).ino, statSync(machine.path(name)).mtimeMs]);
    const before = look();
    for (let boot = 0; boot < 2; boot += 1) {
      expect(machine.boot()).toEqual(KEPT);
      expect(look()).toEqual(before);
    }
  });

  test("repairs what is damaged, and puts in force what is new", () => {
    const machine = makeMachine();
    machine.boot();
    writeFileSync(machine.path(`${BOOT}/bastion_vm/bootstrap.py`), "");
    writeFileSync(`${machine.path(UNIT_FILE)}.new`, "left behind");
    expect(machine.boot()).toEqual(STARTED);
    expect(machine.read(`${BOOT}/bastion_vm/bootstrap.py`)).toContain("def main(");
    expect(machine.boot(renderStartupScript({ project: "acme-data-prod", secret: "another" }))).toEqual(STARTED);
    expect(JSON.parse(machine.read(`${BOOT}/machine.json`)).secret).toBe("another");
    expect(existsSync(`${machine.path(UNIT_FILE)}.new`)).toBe(false);
  });

  test("stops at a file that it cannot write, and starts nothing", () => {
    const machine = makeMachine();
    mkdirSync(machine.path("var/lib/reverse-bastion"), { recursive: true });
    writeFileSync(machine.path(BOOT), "in the way");
    expect(() => machine.boot()).toThrow();
    expect(existsSync(machine.path(UNIT_FILE))).toBe(false);
  });
});
