import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { knownHostsName } from "../../components/core/known-hosts.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { contentOf, exampleDescription, exampleKit, writeKit } from "./example-kit.ts";

const folder = temporaryFolder();
const kit = exampleKit();
writeKit(folder, kit.values());

const has = (program: string, ...args: readonly string[]) => spawnSync(program, args).status === 0;
const SHELL_FILES = [...kit.keys()].filter((path) => path.endsWith(".sh"));

describe("the files of a kit", () => {
  test("are these, and what is run may be run", () => {
    expect([...kit.values()].map(({ path, mode }) => [path, mode.toString(8)])).toEqual([
      ["README.txt", "644"],
      ["known_hosts", "644"],
      ["ssh_config", "644"],
      ["connect.sh", "755"],
      ["autossh.sh", "755"],
      ["doctor.sh", "755"],
      ["doctor.ps1", "644"],
      ["systemd/reverse-bastion-tunnel.service", "644"],
      ["systemd/install.sh", "755"],
      ["macos/reverse-bastion-tunnel-acme-dr-site.plist", "644"],
      ["macos/newsyslog.conf", "644"],
      ["macos/install.sh", "755"],
      ["docker/Dockerfile", "644"],
      ["docker/compose.yaml", "644"],
      ["kubernetes/tunnel.yaml", "644"],
      ["windows/install-tunnel.ps1", "644"],
      ["cloud-init.yaml", "644"],
    ]);
  });

  test("hold nothing secret, and never switch the check of the host key off", () => {
    for (const { path, content } of kit.values()) {
      expect(content, path).not.toMatch(/PRIVATE KEY|StrictHostKeyChecking[ =]+(?:no|off|accept-new|ask)/);
      expect(content, path).toMatch(/[^\n]\n$/);
      expect(content, path).toMatch(/^[\t\n\x20-\x7e]*$/);
    }
  });

  test("that install a service say in the same words what the key beside them is for", () => {
    const words = /"The service has its own copy of the key, in \$\w+\. \$\S.* is only for the doctor and connect\.sh\."$/m;
    for (const path of ["systemd/install.sh", "macos/install.sh", "windows/install-tunnel.ps1"])
      expect(contentOf(kit, path)).toMatch(words);
  });

  test("are the same each time", () => {
    expect(exampleKit()).toEqual(kit);
  });
});

describe("ssh_config and known_hosts", () => {
  test("are what OpenSSH reads", () => {
    const printed = spawnSync("ssh", ["-G", "-F", "ssh_config", "bastion"], { cwd: folder, encoding: "utf8" }).stdout.split("\n");
    for (const line of [
      "hostname bastion.example.com",
      "port 2222",
      "user tunnel",
      "identityfile ./dr-site.key",
      "identitiesonly yes",
      "userknownhostsfile ./known_hosts",
      "stricthostkeychecking true",
      "exitonforwardfailure yes",
      "serveraliveinterval 15",
      "serveralivecountmax 3",
      "connecttimeout 10",
      "ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com",
      "remoteforward [0.0.0.0]:15000 [orders-db.acme.internal]:5432",
      "remoteforward [0.0.0.0]:15001 [2001:db8::7]:3306",
      "remoteforward 8080 [db.acme.internal]:5678",
      "remoteforward [203.0.113.2]:15002 [audit.acme.internal]:514",
    ])
      expect(printed).toContain(line);
  });

  test("pin the host keys whose fingerprints the stack names", () => {
    const listed = execFileSync("ssh-keygen", ["-l", "-f", join(folder, "known_hosts")], { encoding: "utf8" });
    const fingerprints = exampleDescription().hostKeys.map(({ fingerprint }) => fingerprint);
    const name = knownHostsName({ host: "bastion.example.com", sshPort: 2222 });
    expect(
      listed
        .trim()
        .split("\n")
        .map((line) => line.split(" ").slice(1, 3)),
    ).toEqual(fingerprints.map((one) => [one, name]));
  });
});

describe.skipIf(!has("shellcheck", "--version"))("what a shell runs", () => {
  test.each(SHELL_FILES)("%s has nothing that shellcheck minds", (path) => {
    const { stdout, stderr, status } = spawnSync("shellcheck", [join(folder, path)], { encoding: "utf8" });
    expect({ said: `${stdout}${stderr}`, status }).toEqual({ said: "", status: 0 });
  });

  test("and so has what a pod runs", () => {
    const { data } = documentsOf("kubernetes/tunnel.yaml")[1] as ConfigMap;
    const { stdout, status } = spawnSync("shellcheck", ["-"], { input: data["keep-up.sh"], encoding: "utf8" });
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
  });
});

describe.skipIf(!has("systemd-analyze", "--version"))("the unit, as systemd sees it", () => {
  const unit = join(folder, "systemd/reverse-bastion-tunnel.service");

  test("has nothing that it does not understand", () => {
    const { stdout, stderr, status } = spawnSync("systemd-analyze", ["verify", "--man=no", unit], { encoding: "utf8" });
    const said = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("reverse-bastion-tunnel"));
    expect({ said, status }).toEqual({ said: [], status: 0 });
  });

  // 0 is no exposure at all, 10 a service without any of systemd's protection.
  test("exposes little: at most 15 tenths", () => {
    const args = ["security", "--no-pager", "--offline=yes", "--threshold=15", unit];
    const { stdout, stderr, status } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
    expect({ status, said: status === 0 ? "" : `${stdout}${stderr}` }).toEqual({ status: 0, said: "" });
  });
});

describe("the cloud-config", () => {
  const text = contentOf(kit, "cloud-init.yaml");
  const { write_files: written, runcmd } = parse(text) as {
    write_files: readonly { path: string; permissions: string; content: string }[];
    runcmd: readonly (readonly string[])[];
  };
  const place = "/usr/local/share/reverse-bastion-tunnel-acme-dr-site";

  test("brings what installs the unit, as it is in the kit, and installs it where the key has come along", () => {
    const paths = ["known_hosts", "ssh_config", "systemd/reverse-bastion-tunnel.service", "systemd/install.sh"];
    expect(written).toEqual(
      paths.map((path) => ({
        path: `${place}/${path}`,
        permissions: `0${kit.get(path)?.mode.toString(8)}`,
        content: contentOf(kit, path),
      })),
    );
    expect(runcmd).toEqual([["sh", "-c", `test ! -e ${place}/dr-site.key || sh ${place}/systemd/install.sh`]]);
  });

  test.skipIf(!has("cloud-init", "--version"))("is what cloud-init understands", () => {
    const { stdout, stderr, status } = spawnSync("cloud-init", ["schema", "--config-file", join(folder, "cloud-init.yaml")], {
      encoding: "utf8",
    });
    expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: expect.stringContaining("Valid cloud-config") });
  });
});

describe("the Compose file", () => {
  test("runs ssh with no right that it does not need, and the kit's files where ssh_config looks for them", () => {
    expect(parse(contentOf(kit, "docker/compose.yaml"))).toEqual({
      name: "reverse-bastion-tunnel-acme-dr-site",
      services: {
        tunnel: {
          build: ".",
          image: "reverse-bastion-tunnel:1",
          // Of files that are read-only, ssh would say at each login that it could learn nothing.
          command: ["-o", "UpdateHostKeys=no", "bastion"],
          network_mode: "host",
          restart: "always",
          init: true,
          read_only: true,
          cap_drop: ["ALL"],
          security_opt: ["no-new-privileges:true"],
          volumes: ["ssh_config", "known_hosts"].map((file) => ({
            type: "bind",
            source: `../${file}`,
            target: `/tunnel/${file}`,
            read_only: true,
          })),
          secrets: [{ source: "key", target: "/tunnel/dr-site.key" }],
        },
      },
      secrets: { key: { file: "./dr-site.key" } },
    });
    expect(contentOf(kit, "docker/Dockerfile")).toContain("USER 10001:10001\nWORKDIR /tunnel\n");
  });
});

describe("the Kubernetes manifest", () => {
  test("is an account without rights, the public files, and one pod that has them", () => {
    const documents = documentsOf("kubernetes/tunnel.yaml");
    expect(documents.map(({ kind }) => kind)).toEqual(["ServiceAccount", "ConfigMap", "Deployment"]);
    expect(documents.map(({ metadata }) => metadata.name)).toEqual(Array(3).fill("reverse-bastion-tunnel-acme-dr-site"));
    const { data } = documents[1] as ConfigMap;
    expect(data.known_hosts).toBe(contentOf(kit, "known_hosts"));
    expect(data.ssh_config).toBe(contentOf(kit, "ssh_config"));
    expect(data.passwd).toBe("tunnel:*:10001:10001::/nonexistent:/usr/sbin/nologin\n");
  });

  test("makes another pod when what ssh reads has changed, and no other time", () => {
    const digestOf = (host: string) =>
      /reverse-bastion\/configuration: (\S+)/.exec(contentOf(exampleKit("dc1", exampleDescription(host)), "kubernetes/tunnel.yaml"))?.[1];
    expect(digestOf("a.example.com")).not.toBe(digestOf("b.example.com"));
    expect(digestOf("a.example.com")).toBe(digestOf("a.example.com"));
  });
});

test("whatever a client and its destinations are called, every file stays what it is", () => {
  const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
  const destination = fc.oneof(
    fc.tuple(fc.domain(), fc.integer({ min: 1, max: 65535 })).map(([host, port]) => `${host}:${port}`),
    fc.tuple(fc.ipV6(), fc.integer({ min: 1, max: 65535 })).map(([host, port]) => `[${host}]:${port}`),
  );
  const description = exampleDescription();
  fc.assert(
    fc.property(name, destination, (client, target) => {
      const [first] = description.clients;
      const renamed = {
        ...description,
        clients: description.clients.map((one) => (one === first ? { ...one, name: client } : one)),
        tunnels: description.tunnels.map((tunnel) => ({ ...tunnel, remoteForward: `${tunnel.bindPort}:${target}` })),
      };
      const files = exampleKit(client, renamed);
      for (const path of SHELL_FILES) expect(spawnSync("sh", ["-n"], { input: contentOf(files, path) }).status, path).toBe(0);
      expect(parse(contentOf(files, "docker/compose.yaml")).secrets.key.file).toBe(`./${client}.key`);
      expect(parse(contentOf(files, "cloud-init.yaml")).write_files[1].content).toBe(contentOf(files, "ssh_config"));
      expect(contentOf(files, "ssh_config")).toContain(`RemoteForward 15000 ${target}\n`);
      writeFileSync(join(folder, "fuzzed"), contentOf(files, "ssh_config"));
      expect(spawnSync("ssh", ["-G", "-F", join(folder, "fuzzed"), "bastion"]).status).toBe(0);
    }),
    { numRuns: 30 },
  );
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface ConfigMap extends Manifest {
  readonly data: Readonly<Record<string, string>>;
}

function documentsOf(path: string): Manifest[] {
  return parseAllDocuments(contentOf(kit, path)).map((document) => document.toJS() as Manifest);
}
