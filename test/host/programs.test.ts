import { execFileSync, spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { hostPrograms, ProgramPackage } from "../../components/host/programs.ts";

const ROOT = resolve(import.meta.dirname, "../..");

test("the programs' own tests pass, with the Python that runs them", { timeout: 300_000 }, () => {
  const { status, stderr } = spawnSync("/usr/bin/python3", ["-W", "error", "-m", "unittest", "discover", "-s", "test/host/programs"], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  expect(stderr).toMatch(/Ran [1-9]\d+ tests in [\d.]+s\n\nOK/);
  expect(status).toBe(0);
});

test.each([
  [ProgramPackage.Host, "supervise.py"],
  [ProgramPackage.VirtualMachine, "sync.py"],
])("every program of %s can be rendered, and is readable by the Python of the oldest supported system", (name, main) => {
  const files = hostPrograms("lib", name);
  expect(files.map(({ path }) => path)).toContain(`lib/${name}/${main}`);
  for (const { path, content } of files)
    expect(
      () =>
        execFileSync("/usr/bin/python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 9))"], {
          input: content,
        }),
      path,
    ).not.toThrow();
});
