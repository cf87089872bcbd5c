import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { checkContainerFile, describeWithContainerCheck } from "./container-check.ts";
import { contentOf, exampleKit, writeKit } from "./example-kit.ts";

describeWithContainerCheck("what Docker reads", () => {
  const folder = temporaryFolder();
  const kit = exampleKit();
  writeKit(folder, kit.values());

  /** What Docker says of a file of the kit in which one text is another. */
  const checkChanged = (kind: "compose" | "dockerfile", path: string, from: string, to: string) => {
    const content = contentOf(kit, path);
    expect(content.split(from)).toHaveLength(2);
    const changed = join(folder, "docker/changed");
    writeFileSync(changed, content.replace(from, to));
    return checkContainerFile(kind, changed);
  };

  test("a Compose project of one service, whose image has the command, with the kit's files and the key beside compose.yaml", () => {
    expect(checkContainerFile("compose", join(folder, "docker/compose.yaml"))).toEqual({
      read: {
        name: "reverse-bastion-tunnel-acme-dr-site",
        services: {
          tunnel: {
            build: { context: join(folder, "docker"), dockerfile: "Dockerfile" },
            image: "reverse-bastion-tunnel:1",
            entrypoint: null,
            command: ["-o", "UpdateHostKeys=no", "bastion"],
            network_mode: "host",
            restart: "always",
            init: true,
            read_only: true,
            cap_drop: ["ALL"],
            security_opt: ["no-new-privileges:true"],
            volumes: ["ssh_config", "known_hosts"].map((file) => ({
              type: "bind",
              source: join(folder, file),
              target: `/tunnel/${file}`,
              read_only: true,
            })),
            secrets: [{ source: "key", target: "/tunnel/dr-site.key" }],
          },
        },
        secrets: { key: { name: "reverse-bastion-tunnel-acme-dr-site_key", file: join(folder, "docker/dr-site.key") } },
      },
    });
  });

  test.each([
    {
      fault: "a setting that there is none of",
      from: "cap_drop:",
      to: "cap_drops:",
      reason: "additional properties 'cap_drops' not allowed",
    },
    {
      fault: "a value of another kind",
      from: "read_only: true\n",
      to: "read_only: [yes]\n",
      reason: "read_only must be a boolean or string",
    },
    { fault: "a secret that there is none of", from: "source: key", to: "source: keys", reason: "undefined secret keys" },
    {
      fault: "a service that says nothing of its image",
      from: "build: .\n    image:",
      to: "container_name:",
      reason: "neither an image nor",
    },
  ])("a Compose file with $fault is refused", ({ from, to, reason }) => {
    expect(checkChanged("compose", "docker/compose.yaml", from, to)).toEqual({ refused: expect.stringContaining(reason) });
  });

  test("a Dockerfile whose image runs ssh without root and without a shell, and nothing to warn of", () => {
    const install = [
      "apt-get update",
      "apt-get -y --no-install-recommends install openssh-client",
      "rm -rf /var/lib/apt/lists/*",
      "useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tunnel",
    ];
    expect(checkContainerFile("dockerfile", join(folder, "docker/Dockerfile"))).toEqual({
      read: {
        instructions: [
          { name: "FROM", words: ["docker.io/library/debian:13-slim"] },
          { name: "RUN", words: [install.join("     && ")] },
          { name: "USER", words: ["10001:10001"] },
          { name: "WORKDIR", words: ["/tunnel"] },
          { name: "ENTRYPOINT", words: ["/usr/bin/ssh", "-F", "./ssh_config", "-N", "-T"] },
          { name: "CMD", words: ["bastion"] },
        ],
        warnings: [],
      },
    });
  });

  test("a Dockerfile with an instruction that there is none of is refused", () => {
    const reason = "container-check: dockerfile parse error on line 9: unknown instruction: WORKDIRS (did you mean WORKDIR?)";
    expect(checkChanged("dockerfile", "docker/Dockerfile", "WORKDIR", "WORKDIRS")).toEqual({ refused: reason });
  });

  test("and one that Docker would take, but warn of, is told", () => {
    expect(checkChanged("dockerfile", "docker/Dockerfile", "USER 10001:10001", "MAINTAINER nobody")).toMatchObject({
      read: { warnings: ["MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label"] },
    });
  });
});
