import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { strFromU8, unzipSync, zipSync } from "fflate";
import { beforeEach, expect, test } from "vitest";
import type { KitFile } from "../../../../components/kit/kit-file.ts";
import { renderKitArchive, writeKitArchive } from "../../../../scripts/bastion/kit/kit-archive.ts";
import { withChecksums } from "../../../../scripts/bastion/kit/kit-checksums.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const root = temporaryFolder();
const place = join(root, "place");
const file = join(place, "kits/acme-dc1.zip");
const FILES: readonly KitFile[] = withChecksums([
  { path: "index.html", content: "<!doctype html><p>ä</p>\n", mode: 0o644 },
  { path: "systemd/install.sh", content: "#!/bin/sh\n", mode: 0o755 },
]);
const ARCHIVE = renderKitArchive("acme-dc1", FILES);
const interruption = new AbortController().signal;

beforeEach(() => {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
});

test("an archive holds the kit in one folder", () => {
  expect(Object.entries(unzipSync(ARCHIVE)).map(([path, content]) => [path, strFromU8(content)])).toEqual([
    ["acme-dc1/index.html", "<!doctype html><p>ä</p>\n"],
    ["acme-dc1/kit.sha256", FILES[2]?.content],
    ["acme-dc1/systemd/install.sh", "#!/bin/sh\n"],
  ]);
});

test("another program unpacks it with the modes of its files", () => {
  writeFileSync(join(place, "kit.zip"), ARCHIVE);
  const list = `import sys, zipfile
for info in zipfile.ZipFile(sys.argv[1]).infolist(): print(oct(info.external_attr >> 16), info.create_system, info.date_time, info.filename)`;
  expect(execFileSync("python3", ["-c", list, join(place, "kit.zip")], { encoding: "utf8" }).split("\n")).toEqual([
    "0o100644 3 (1980, 1, 1, 0, 0, 0) acme-dc1/index.html",
    "0o100644 3 (1980, 1, 1, 0, 0, 0) acme-dc1/kit.sha256",
    "0o100755 3 (1980, 1, 1, 0, 0, 0) acme-dc1/systemd/install.sh",
    "",
  ]);
});

test("the same kit is the same archive, in every time zone and whatever the order of its files", () => {
  expect(renderKitArchive("acme-dc1", FILES.toReversed())).toEqual(ARCHIVE);
  const module = new URL("../../../../scripts/bastion/kit/kit-archive.ts", import.meta.url).href;
  const program = `import { renderKitArchive } from ${JSON.stringify(module)};
process.stdout.write(renderKitArchive("acme-dc1", ${JSON.stringify(FILES)}));`;
  for (const TZ of ["Pacific/Kiritimati", "America/Los_Angeles"])
    expect(
      execFileSync(process.execPath, ["--input-type=module", "--eval", program], { env: { ...process.env, TZ } }).equals(ARCHIVE),
    ).toBe(true);
});

test("it is written whole, with nothing beside it; again, it is unchanged; another kit takes its place", async () => {
  expect(await writeKitArchive(file, ARCHIVE, { force: false, interruption })).toBe("written");
  expect(readFileSync(file).equals(ARCHIVE)).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o644);
  expect(await writeKitArchive(file, ARCHIVE, { force: false, interruption })).toBe("unchanged");
  const next = renderKitArchive("acme-dr-site", FILES);
  expect(await writeKitArchive(file, next, { force: false, interruption })).toBe("updated");
  expect(readFileSync(file).equals(next)).toBe(true);
  expect(readdirSync(join(place, "kits"))).toEqual(["acme-dc1.zip"]);
});

test.each([
  { what: "a text", content: Buffer.from("mine\n") },
  { what: "another archive", content: Buffer.from(zipSync({ "notes.txt": Buffer.from("mine\n") })) },
])("$what is not overwritten, unless with --force", async ({ content }) => {
  mkdirSync(join(place, "kits"));
  writeFileSync(file, content);
  await expect(writeKitArchive(file, ARCHIVE, { force: false, interruption })).rejects.toMatchObject({
    exitCode: 1,
    message: `${file} is there and is no kit; name another file with --out, or overwrite it with --force`,
  });
  expect(readFileSync(file).equals(content)).toBe(true);
  expect(await writeKitArchive(file, ARCHIVE, { force: true, interruption })).toBe("written");
  expect(readFileSync(file).equals(ARCHIVE)).toBe(true);
});

test("a folder of that name is refused", async () => {
  mkdirSync(file, { recursive: true });
  await expect(writeKitArchive(file, ARCHIVE, { force: true, interruption })).rejects.toMatchObject({
    exitCode: 1,
    message: `${file} is a folder; with --zip, --out names a file`,
  });
});

test("interrupted, nothing is there", async () => {
  const stopped = AbortSignal.abort(new Error("interrupted"));
  await expect(writeKitArchive(file, ARCHIVE, { force: false, interruption: stopped })).rejects.toThrow("interrupted");
  expect(readdirSync(place)).toEqual([]);
});
