import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { packDocument, renderHostFiles, renderManifest, splitDocument } from "../../components/host/mailbox-document.ts";
import { hostPrograms } from "../../components/host/programs.ts";

const PROGRAMS = resolve(import.meta.dirname, "../../components/host/programs");
const TEXT = renderHostFiles(hostPrograms("lib"));

/** Has the host's own program unpack a document. */
function unpack(parts: readonly string[], manifest: string): { status: number | null; stdout: string; stderr: string } {
  const program = `import json, sys
sys.path.insert(0, ${JSON.stringify(PROGRAMS)})
from bastion_vm.document import parse_manifest, read_document
texts = json.load(sys.stdin)
class Store:
    def read(self, names, decrypt=False): return {name: texts[name] for name in names if name in texts}
sys.stdout.buffer.write(read_document(Store(), "x", parse_manifest("x/manifest", texts["x/manifest"])))`;
  const texts = { "x/manifest": manifest, ...Object.fromEntries(parts.map((part, i) => [`x/${i + 1}`, part])) };
  return spawnSync("/usr/bin/python3", ["-B", "-I", "-S", "-c", program], { input: JSON.stringify(texts), encoding: "utf8" });
}

describe("compression", () => {
  test("gives these very bytes, on every machine", () => {
    expect(packDocument("the cat sat on the mat, the cat sat\n")).toBe("H4sIAAAAAAACAyvJSFVITixRKAbi/DwFEDc3sUQHzICKcwEA1fBveiQAAAA=");
  });
});

describe("a document", () => {
  test("is unpacked by the host to what it was", () => {
    for (const text of [TEXT, "", "ä€\n"]) {
      const parts = splitDocument(packDocument(text), 4096);
      expect(unpack(parts, renderManifest(text, parts.length))).toEqual(expect.objectContaining({ status: 0, stdout: text }));
    }
  });

  test("of which a part is another's is not", () => {
    const parts = splitDocument(packDocument(TEXT), 4096);
    const { status, stderr } = unpack(["AAAA", ...parts.slice(1)], renderManifest(TEXT, parts.length));
    expect(status).toBe(1);
    expect(stderr).toContain("DocumentError: x: cannot be unpacked");
  });

  test("is cut into parts of the given size, at least one", () => {
    expect(splitDocument("abcdefg", 3)).toEqual(["abc", "def", "g"]);
    expect(splitDocument("abcdef", 3)).toEqual(["abc", "def"]);
    expect(splitDocument("", 3)).toEqual([""]);
  });

  test("has a manifest that names its bytes", () => {
    const digest = "33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc";
    expect(renderManifest("ä", 3)).toBe(`{"version":1,"digest":"${digest}","parts":3}`);
  });

  test("of files has them in the order of their names, whichever they were given in", () => {
    const files = [
      { path: "lib/b", mode: 0o644, content: "2" },
      { path: "etc/a", mode: 0o600, content: "1" },
    ];
    const expected = '{"version":1,"files":[{"path":"etc/a","mode":384,"content":"1"},{"path":"lib/b","mode":420,"content":"2"}]}\n';
    expect(renderHostFiles(files)).toBe(expected);
    expect(renderHostFiles([...files].reverse())).toBe(expected);
  });

  test("is plain gzip to everybody else", () => {
    expect(gunzipSync(Buffer.from(packDocument(TEXT), "base64")).toString()).toBe(TEXT);
  });
});
