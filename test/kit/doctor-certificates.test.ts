import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kitFacts } from "../../components/kit/kit-facts.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { contentOf, describeWithCertificates, exampleKit, writeKit } from "./example-kit.ts";

const folder = temporaryFolder();

test("doctor.sh knows of certificates where the client has an authority, and nothing of them elsewhere", () => {
  const signed = contentOf(exampleKit("dr-site", describeWithCertificates(["SHA256:a", "SHA256:b"], ["dr-site", "x@y"])), "doctor.sh");
  expect(signed).toContain("\nauthorities=' SHA256:a SHA256:b '\n");
  expect(signed).toContain("\nprincipals=' dr-site x@y '\n");
  expect(signed).toContain("\ncheck_certificate() {\n");
  const plain = contentOf(exampleKit(), "doctor.sh");
  expect(plain).toContain("\nauthorities=''\n");
  expect(plain).not.toContain("check_certificate() {");
});

test.skipIf(spawnSync("shellcheck", ["--version"]).status !== 0)("shellcheck has nothing to say about it", () => {
  writeKit(folder, exampleKit("dr-site", describeWithCertificates(["SHA256:a"], ["dr-site"])).values());
  const { stdout, status } = spawnSync("shellcheck", [join(folder, "doctor.sh")], { encoding: "utf8" });
  expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
});

test.each([
  [["SHA256:a b"], ["x"]],
  [["SHA256:a"], ["$(id)"]],
  [["SHA256:a"], ["a b"]],
])("authorities %j with principals %j do not get into a kit", (authorities, principals) => {
  expect(() => kitFacts({ customer: "acme", description: describeWithCertificates(authorities, principals), client: "dr-site" })).toThrow(
    "clients: expected fingerprints of its authorities, and principals",
  );
});
