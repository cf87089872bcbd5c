import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HostImage } from "../../components/core/host-image.ts";
import { renderUnit, Unit } from "../../components/host/units.ts";
import { renderVirtualMachine, VM_DIRECTORY } from "../../components/host/virtual-machine.ts";
import { exampleBastion } from "../support/bastions.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const OPTIONS = { image: HostImage.Debian13, adminSshd: false, ipv6: false } as const;

function filesOf(options: Partial<Parameters<typeof renderVirtualMachine>[1]> = {}, bastion = exampleBastion()): Record<string, string> {
  return Object.fromEntries(renderVirtualMachine(bastion, { ...OPTIONS, ...options }).map(({ path, content }) => [path, content]));
}

describe("the files of a cloud's machine", () => {
  test("are its configuration, its unit and both packages of programs", () => {
    const files = filesOf();
    const programs = Object.keys(files).filter((path) => path.startsWith("lib/"));
    expect(Object.keys(files).filter((path) => !path.startsWith("lib/"))).toEqual([
      "etc/sshd_config",
      "etc/bastion.json",
      "etc/system.json",
      "units/reverse-bastion.service",
    ]);
    expect(programs).toContain("lib/bastion_host/supervise.py");
    expect(programs).toContain("lib/bastion_vm/sync.py");
    expect(JSON.parse(files["etc/bastion.json"] ?? "")).toEqual({
      directory: VM_DIRECTORY,
      sshd: "/usr/sbin/sshd",
      sshKeygen: "/usr/bin/ssh-keygen",
      sshPort: 2222,
      statusPort: 9422,
      users: ["tunnel", "consumer"],
    });
  });

  test("let nobody but root change a program, and everybody read them: none is secret", () => {
    for (const { mode } of renderVirtualMachine(exampleBastion(), OPTIONS)) expect(mode).toBe(0o644);
  });

  test("have sshd take keys from the program and clients from clientCidrs", () => {
    const lines = filesOf()
      ["etc/sshd_config"]?.split("\n")
      .map((line) => line.trim());
    const command = `${VM_DIRECTORY}/lib/bastion_host/authorized_keys_command.py ${VM_DIRECTORY}/etc/bastion.json`;
    for (const line of [
      "AddressFamily inet",
      "AllowUsers tunnel@198.51.100.0/24 consumer@198.51.100.0/24",
      `Include ${VM_DIRECTORY}/live/host-keys.conf`,
      `AuthorizedKeysCommand /usr/bin/python3 -I -S ${command} %u %t %k %f`,
      `Include ${VM_DIRECTORY}/live/sshd/tunnel.conf`,
    ])
      expect(lines).toContain(line);
    expect(filesOf({ ipv6: true })["etc/sshd_config"]).toContain("AddressFamily any");
  });

  test("keep the system's own sshd for an administrator only, by the unit that the image starts it with", () => {
    const systemOf = (image: HostImage, adminSshd: boolean) => JSON.parse(filesOf({ image, adminSshd })["etc/system.json"] ?? "");
    expect(systemOf(HostImage.Debian13, false)).toEqual({ sshd: false, sshdUnit: "ssh.service" });
    expect(systemOf(HostImage.Debian12, true)).toEqual({ sshd: true, sshdUnit: "ssh.service" });
    expect(systemOf(HostImage.Ubuntu2404, true)).toEqual({ sshd: true, sshdUnit: "ssh.socket" });
  });

  test("do not change with clients, keys and tunnels", () => {
    const bare = exampleBastion({ clients: [{ name: "other", generateKey: "ed25519" }], consumers: [], tunnels: [{ name: "x" }] });
    expect(filesOf({}, bare)).toEqual(filesOf());
  });
});

const folder = temporaryFolder();
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe.skipIf(!hasSystemd)("the units, as systemd sees them", () => {
  const units = { [Unit.Bastion]: renderUnit(Unit.Bastion, { tunnelUser: "tunnel" }), [Unit.Sync]: renderUnit(Unit.Sync) };

  test.each(Object.entries(units))("%s has nothing it does not understand", (name, text) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    const { stdout, stderr, status } = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
    expect({ said: `${stdout}${stderr}`.split("\n").filter((line) => line.includes(name)), status }).toEqual({ said: [], status: 0 });
  });

  // 0 is no exposure at all, 10 a service without any of systemd's protection.
  test.each([
    [Unit.Bastion, 17],
    [Unit.Sync, 27],
  ])("%s exposes little: at most %d tenths", (name, tenths) => {
    const file = join(folder, name);
    writeFileSync(file, units[name] ?? "");
    const args = ["security", "--no-pager", "--offline=yes", `--threshold=${tenths}`, file];
    const { stdout, stderr, status } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
    expect({ status, said: status === 0 ? "" : `${stdout}${stderr}` }).toEqual({ status: 0, said: "" });
  });

  test("a value that is missing is noticed", () => {
    expect(() => renderUnit(Unit.Bastion)).toThrow("reverse-bastion.service: no value for @tunnelUser@");
  });
});
