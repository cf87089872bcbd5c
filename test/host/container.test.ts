import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { POD_DIRECTORY, POD_USER_ID, PodProgram, podCommand } from "../../components/host/pod.ts";
import { run } from "../support/openssh.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const HOST = join(ROOT, "components/host");
const FOLDER = temporaryFolder();
const NAME = "registry.example.com:5000/reverse-bastion:1";
const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const VERSION = (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string }).version;
/** What the script needs beside a builder. Another PATH would let it find this machine's own. */
const TOOLS = ["sh", "sed", "dirname", "mktemp", "rm", "mv", "mkdir", "cat", "uname", "tr"];

/** Writes down how it was called, and answers as all three do: with a digest, a container's name, or a program's output. */
const BUILDER = `#!/bin/sh
echo "\${0##*/} $*" >>"$CALLS"
for word in "$@"; do
  case $previous in
  --digestfile) printf %s "$DIGEST" >"$word" ;;
  --metadata-file) printf '{\\n  "containerimage.digest": "%s",\\n  "image.name": "x"\\n}' "$DIGEST" >"$word" ;;
  esac
  previous=$word
done
case "$1 $2" in
"from "*) echo some-container ;;
"run "*) cat >/dev/null && echo '{"spdxVersion":"SPDX-2.3"}' ;;
*) echo "what a builder says" ;;
esac
`;

/** Runs the script on a machine with these builders. */
function buildImage(builders: readonly string[], ...args: readonly string[]): SpawnSyncReturns<string> & { readonly calls: string[] } {
  const folder = mkdtempSync(join(FOLDER, "machine-"));
  for (const tool of TOOLS) symlinkSync(run("sh", ["-c", `command -v ${tool}`]).trim(), join(folder, tool));
  for (const builder of builders) {
    writeFileSync(join(folder, builder), BUILDER);
    chmodSync(join(folder, builder), 0o755);
  }
  const calls = join(folder, "calls");
  writeFileSync(calls, "");
  const env = { PATH: folder, CALLS: calls, DIGEST, TMPDIR: FOLDER };
  const result = spawnSync(join(folder, "sh"), [join(ROOT, "scripts/build-image.sh"), ...args], { encoding: "utf8", env });
  const short = (line: string) => line.replaceAll(HOST, "HOST").replace(/ \/\S*tmp\.\S+/, " RECORD");
  return { ...result, calls: readFileSync(calls, "utf8").trim().split("\n").filter(Boolean).map(short) };
}

const BUILD = `--file HOST/container/Containerfile --build-arg VERSION=${VERSION} --build-arg REVISION=unknown`;
const PINNED = `registry.example.com:5000/reverse-bastion@${DIGEST}\n`;

describe("building the image", () => {
  test.each(["buildah", "podman"])("%s builds it and pushes it, and its name with its digest is all that is printed", (builder) => {
    const { status, stdout, calls } = buildImage([builder], NAME);
    expect({ status, stdout }).toEqual({ status: 0, stdout: PINNED });
    expect(calls).toEqual([`${builder} build ${BUILD} --tag ${NAME} HOST`, `${builder} push --digestfile RECORD ${NAME} docker://${NAME}`]);
  });

  test("docker does both at once", () => {
    const { status, stdout, calls } = buildImage(["docker"], NAME);
    expect({ status, stdout }).toEqual({ status: 0, stdout: PINNED });
    expect(calls).toEqual([`docker buildx build ${BUILD} --tag ${NAME} --push --provenance mode=max --metadata-file RECORD HOST`]);
  });

  test("for several platforms, it is a list of images under one digest, and each says what is in it", () => {
    const sboms = join(FOLDER, "sboms");
    const args = ["--platform", "linux/amd64,linux/arm64", "--base", "debian@sha256:0", "--sbom", sboms, NAME];
    const { status, stdout, calls } = buildImage(["buildah"], ...args);
    expect({ status, stdout }).toEqual({ status: 0, stdout: PINNED });
    const pinned = PINNED.trim();
    const sbomOf = (platform: string) => [
      `buildah from --quiet --platform ${platform} ${pinned}`,
      `buildah run some-container -- /usr/bin/python3 -I -S - ${pinned}`,
      "buildah rm some-container",
    ];
    expect(calls).toEqual([
      `buildah manifest rm ${NAME}`,
      `buildah build --platform linux/amd64,linux/arm64 --build-arg BASE=debian@sha256:0 ${BUILD} --manifest ${NAME} HOST`,
      `buildah manifest push --all --digestfile RECORD ${NAME} docker://${NAME}`,
      ...sbomOf("linux/amd64"),
      ...sbomOf("linux/arm64"),
    ]);
    expect(readdirSync(sboms)).toEqual(["reverse-bastion-linux-amd64.spdx.json", "reverse-bastion-linux-arm64.spdx.json"]);
  });

  test("the first of buildah, podman and docker is taken, unless another one is named", () => {
    const of = (...args: string[]) => buildImage(["docker", "podman", "buildah"], ...args, "--no-push", "here").calls;
    expect(of()).toEqual([`buildah build ${BUILD} --tag here HOST`]);
    expect(of("--with", "podman")).toEqual([`podman build ${BUILD} --tag here HOST`]);
    expect(of("--with", "docker")).toEqual([`docker buildx build ${BUILD} --tag here --load HOST`]);
  });

  test("unpushed, it has a name of this machine only", () => {
    expect(buildImage(["podman"], "--no-push", "here:1").stdout).toBe("here:1\n");
  });

  test.each([
    [["buildah"], [], 2, /^usage: /],
    [["buildah"], ["a", "b"], 2, /^usage: /],
    [["buildah"], ["--platform"], 2, /^usage: /],
    [["buildah"], ["--with", "kaniko", "a"], 2, /^usage: /],
    [["buildah"], [PINNED.trim()], 1, /^error: .* has a digest already; give the name to push to\.\n/],
    [
      ["buildah"],
      ["--no-push", "--platform", "linux/amd64,linux/arm64", "a"],
      1,
      /^error: An image for several platforms can only be pushed/,
    ],
    [["buildah"], ["--with", "docker", "a"], 1, /^error: There is no docker on this machine\.\n/],
    [
      [],
      ["a"],
      1,
      /^error: There is nothing here that builds images\.\n {7}Install buildah, podman or docker; on Debian: apt-get install buildah\n/,
    ],
  ])("with %j and %j it ends with %i, and says why", (builders, args, status, said) => {
    const result = buildImage(builders, ...args);
    expect({ status: result.status, stdout: result.stdout, calls: result.calls }).toEqual({ status, stdout: "", calls: [] });
    expect(result.stderr).toMatch(said);
  });

  test("what a builder calls a failure is one, and no name is printed", () => {
    const folder = join(FOLDER, "failing");
    mkdirSync(folder);
    writeFileSync(join(folder, "buildah"), "#!/bin/sh\nexit 7\n");
    chmodSync(join(folder, "buildah"), 0o755);
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const { status, stdout } = spawnSync("sh", [join(ROOT, "scripts/build-image.sh"), "--with", "buildah", NAME], {
      encoding: "utf8",
      env,
    });
    expect({ status, stdout }).toEqual({ status: 7, stdout: "" });
  });
});

describe("the recipe of the image", () => {
  const recipe = readFileSync(join(HOST, "container/Containerfile"), "utf8");

  test("has the places and the user that pods are declared with", () => {
    const [program] = podCommand(PodProgram.Ready).slice(-1);
    const programs = program?.replace(/\/bastion_pod\/.*/, "");
    for (const folder of ["bastion_host", "bastion_pod", "bastion_workloads"])
      expect(recipe).toContain(` programs/${folder}/*.py ${programs}/${folder}/\n`);
    expect(recipe).toContain(`\nUSER ${POD_USER_ID}:${POD_USER_ID}\n`);
    expect(recipe).toContain(`mkdir ${POD_DIRECTORY} `);
    expect(JSON.parse(/^ENTRYPOINT (.*)$/m.exec(recipe)?.[1] ?? "")).toEqual([
      ...podCommand(PodProgram.Ready).slice(0, -1),
      `${programs}/bastion_pod/start.py`,
    ]);
  });

  test("has every program that a probe runs", () => {
    const files = readdirSync(join(HOST, "programs/bastion_pod"));
    expect(files).toEqual(expect.arrayContaining(["start.py", ...Object.values(PodProgram)]));
  });

  test("removes the host keys in the layer in which the package makes them", () => {
    const [layer, ...others] = recipe.split(/^(?=RUN )/m).filter((part) => /openssh-server/.test(part) && part.startsWith("RUN "));
    expect(others).toEqual([]);
    expect(layer).toMatch(/install openssh-server [\s\S]*&& rm -rf \/etc\/ssh\/ssh_host_\*/);
  });
});

describe("the release of the image", () => {
  const workflow = readFileSync(join(ROOT, ".github/workflows/release-image.yml"), "utf8");

  test("is for both architectures, by the script that everybody uses", () => {
    expect(workflow).toContain("sh scripts/build-image.sh --with docker --platform linux/amd64,linux/arm64 --base ");
  });

  test("gives its digest as an output, and attests provenance and contents", () => {
    expect(workflow).toMatch(/^ {6}digest: \$\{\{ steps\.build\.outputs\.digest \}\}$/m);
    for (const action of ["attest-build-provenance", "attest-sbom"]) expect(workflow).toContain(`uses: actions/${action}@`);
  });

  test("is allowed nothing by default", () => {
    expect(workflow).toMatch(/^permissions: \{\}$/m);
  });
});
