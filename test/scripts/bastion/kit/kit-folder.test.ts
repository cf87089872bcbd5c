import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { KitFile } from "../../../../components/kit/kit-file.ts";
import { withChecksums } from "../../../../scripts/bastion/kit/kit-checksums.ts";
import { writeKitFolder } from "../../../../scripts/bastion/kit/kit-folder.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const root = temporaryFolder();
const place = join(root, "place");
const folder = join(place, "acme-dc1");

const FILES: readonly KitFile[] = [
  { path: "index.html", content: "<!doctype html>\n", mode: 0o644 },
  { path: "connect.sh", content: "#!/bin/sh\n", mode: 0o755 },
  { path: "systemd/install.sh", content: "#!/bin/sh\n", mode: 0o755 },
];
const KIT = withChecksums(FILES);
const WHOLE = ["connect.sh", "index.html", "kit.sha256", "systemd/install.sh"];

beforeEach(() => {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
});

function write(files: readonly KitFile[] = KIT, { force = false, interruption = new AbortController().signal } = {}) {
  return writeKitFolder(folder, files, { force, interruption });
}

function filesIn(where: string): string[] {
  return readdirSync(where, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(where.length + 1))
    .sort();
}

/** Every path and what it says, links as links. */
function contents(where: string): Record<string, string> {
  return Object.fromEntries(filesIn(where).map((path) => [path, readFileSync(join(where, path), "utf8")]));
}

/** A signal that says stop when it is asked for the `n`th time, and notes whether it was. */
function interruptionAtQuestion(n: number): { readonly signal: AbortSignal; readonly wasReached: () => boolean } {
  const controller = new AbortController();
  let questions = 0;
  const signal = Object.create(controller.signal) as AbortSignal;
  signal.throwIfAborted = () => {
    questions += 1;
    if (questions === n) throw new Error("interrupted");
  };
  return { signal, wasReached: () => questions >= n };
}

test("a kit is written whole, with its modes whatever the umask, and nothing beside it", async () => {
  const umask = process.umask(0o077);
  try {
    expect(await write()).toBe("written");
  } finally {
    process.umask(umask);
  }
  expect(filesIn(folder)).toEqual(WHOLE);
  expect(readdirSync(place)).toEqual(["acme-dc1"]);
  const modes = [".", "systemd", ...WHOLE].map((path) => [path, (statSync(join(folder, path)).mode & 0o777).toString(8)]);
  expect(Object.fromEntries(modes)).toEqual({
    ".": "755",
    systemd: "755",
    "connect.sh": "755",
    "index.html": "644",
    "kit.sha256": "644",
    "systemd/install.sh": "755",
  });
});

test("sha256sum finds a kit whole, and a broken one broken", async () => {
  await write();
  const check = () =>
    execFileSync("sha256sum", ["-c", "kit.sha256"], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  expect(check()).toBe("index.html: OK\nconnect.sh: OK\nsystemd/install.sh: OK\n");
  writeFileSync(join(folder, "connect.sh"), "#!/bin/s");
  expect(check).toThrow();
});

test("the same kit again is no change, not even of a time", async () => {
  await write();
  const before = statSync(join(folder, "index.html"), { bigint: true });
  expect(await write()).toBe("unchanged");
  const after = statSync(join(folder, "index.html"), { bigint: true });
  expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
});

test("a mode that was lost on the way is put right", async () => {
  await write();
  chmodSync(join(folder, "connect.sh"), 0o644);
  expect(await write()).toBe("updated");
  expect(statSync(join(folder, "connect.sh")).mode & 0o777).toBe(0o755);
});

test("an empty folder that is there is used, and folders above it are made", async () => {
  mkdirSync(folder);
  expect(await write()).toBe("written");
  expect(filesIn(folder)).toEqual(WHOLE);
  const deep = join(place, "a/b/acme-dc1");
  expect(await writeKitFolder(deep, KIT, { force: false, interruption: new AbortController().signal })).toBe("written");
  expect(filesIn(deep)).toEqual(WHOLE);
});

test("another kit takes the place of an earlier one: what it no longer has goes, what is not a kit's stays", async () => {
  await write();
  writeFileSync(join(folder, "dc1.key"), "a key\n", { mode: 0o600 });
  const next = withChecksums([
    { path: "index.html", content: "<!doctype html><p>\n", mode: 0o644 },
    { path: "docker/compose.yaml", content: "services: {}\n", mode: 0o644 },
  ]);
  expect(await write(next)).toBe("updated");
  expect(contents(folder)).toEqual({ ...Object.fromEntries(next.map(({ path, content }) => [path, content])), "dc1.key": "a key\n" });
  expect(readdirSync(folder).sort()).toEqual(["dc1.key", "docker", "index.html", "kit.sha256"]);
  expect(statSync(join(folder, "dc1.key")).mode & 0o777).toBe(0o600);
});

test("a folder with somebody's files is refused, and left as it is", async () => {
  mkdirSync(folder);
  for (const name of ["index.html", "notes.txt", "a", "b"]) writeFileSync(join(folder, name), "mine\n");
  await expect(write()).rejects.toMatchObject({
    exitCode: 1,
    message: `${folder} is not empty and holds no kit (a, b, index.html, …); name another folder with --out, or write among these files with --force`,
  });
  expect(contents(folder)).toEqual({ a: "mine\n", b: "mine\n", "index.html": "mine\n", "notes.txt": "mine\n" });
});

test("with --force a kit is written among somebody's files, over those of its own names only", async () => {
  mkdirSync(folder);
  for (const name of ["index.html", "notes.txt"]) writeFileSync(join(folder, name), "mine\n");
  expect(await write(KIT, { force: true })).toBe("written");
  expect(contents(folder)).toEqual({ ...Object.fromEntries(KIT.map(({ path, content }) => [path, content])), "notes.txt": "mine\n" });
});

test("a file that somebody has changed is not overwritten, unless with --force", async () => {
  await write();
  writeFileSync(join(folder, "connect.sh"), "#!/bin/sh\necho mine\n");
  const next = withChecksums(FILES.map((file) => ({ ...file, content: `${file.content}\n` })));
  for (const kit of [KIT, next])
    await expect(write(kit)).rejects.toMatchObject({
      exitCode: 1,
      message: `in ${folder} somebody has changed connect.sh; name another folder with --out, or overwrite it with --force`,
    });
  expect(contents(folder)["connect.sh"]).toBe("#!/bin/sh\necho mine\n");
  expect(await write(next, { force: true })).toBe("updated");
  expect(contents(folder)).toEqual(Object.fromEntries(next.map(({ path, content }) => [path, content])));
});

test("checksums of somebody's own do not make a folder a kit, nor lead out of it", async () => {
  const outside = join(place, "outside.txt");
  writeFileSync(outside, "mine\n");
  mkdirSync(folder);
  writeFileSync(join(folder, "kit.sha256"), `${"0".repeat(64)}  ../outside.txt\n`);
  await expect(write()).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining("holds no kit (kit.sha256)") });
  const sum = execFileSync("sha256sum", [outside], { encoding: "utf8" }).slice(0, 64);
  writeFileSync(join(folder, "kit.sha256"), `${sum}  ../outside.txt\n`);
  await write(KIT, { force: true });
  expect(readFileSync(outside, "utf8")).toBe("mine\n");
});

test("nothing is written through a link, even with --force", async () => {
  const elsewhere = join(place, "elsewhere");
  mkdirSync(elsewhere);
  mkdirSync(folder);
  writeFileSync(join(elsewhere, "page"), "mine\n");
  symlinkSync(elsewhere, join(folder, "systemd"));
  await expect(write(KIT, { force: true })).rejects.toMatchObject({ message: `${join(folder, "systemd")} is in the way: it is no folder` });
  rmSync(join(folder, "systemd"));
  symlinkSync(join(elsewhere, "page"), join(folder, "index.html"));
  expect(await write(KIT, { force: true })).toBe("written");
  expect(contents(elsewhere)).toEqual({ page: "mine\n" });
  expect(contents(folder)["index.html"]).toBe("<!doctype html>\n");
});

test("a file where the folder goes, and a folder where a file goes, are refused", async () => {
  writeFileSync(folder, "mine\n");
  await expect(write(KIT, { force: true })).rejects.toMatchObject({
    exitCode: 1,
    message: `${folder} is no folder; name another with --out`,
  });
  rmSync(folder);
  mkdirSync(join(folder, "index.html"), { recursive: true });
  await expect(write(KIT, { force: true })).rejects.toMatchObject({
    exitCode: 1,
    message: `there is a folder where ${join(folder, "index.html")} is to be written`,
  });
  expect(readdirSync(folder)).toEqual(["index.html"]);
});

test("interrupted at any moment, a new kit is not there at all, nor the folders made for it", async () => {
  const deep = join(place, "a/b/acme-dc1");
  let moments = 0;
  for (let reached = true; reached; moments += 1) {
    const { signal, wasReached } = interruptionAtQuestion(moments + 1);
    await writeKitFolder(deep, KIT, { force: false, interruption: signal }).catch(() => {});
    reached = wasReached();
    expect(filesIn(place)).toEqual(reached ? [] : WHOLE.map((path) => `a/b/acme-dc1/${path}`));
    expect(readdirSync(place)).toEqual(reached ? [] : ["a"]);
  }
  expect(moments).toBe(KIT.length + 2);
});

test("interrupted at any moment, an earlier kit is still there as it was", async () => {
  await write();
  const before = contents(place);
  const next = withChecksums([{ path: "new/page.html", content: "<p>\n", mode: 0o644 }]);
  let moments = 0;
  for (let reached = true; reached; moments += 1) {
    const { signal, wasReached } = interruptionAtQuestion(moments + 1);
    await write(next, { interruption: signal }).catch(() => {});
    reached = wasReached();
    expect(contents(place)).toEqual(reached ? before : Object.fromEntries(next.map(({ path, content }) => [`acme-dc1/${path}`, content])));
    expect(readdirSync(folder).sort()).toEqual(reached ? ["connect.sh", "index.html", "kit.sha256", "systemd"] : ["kit.sha256", "new"]);
  }
  expect(moments).toBe(next.length + 2);
});
