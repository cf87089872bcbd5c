import { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CertificateAuthority } from "../../machine/certificate-authority.ts";
import { METADATA_ADDRESS, SERVICE_ADDRESS } from "../../machine/cloud-adaptor.ts";
import type { DeclaredInstance } from "./declared-instance.ts";
import { SECRET_MANAGER } from "./secret-manager.ts";

const PROGRAMS = join(import.meta.dirname, "guest");

/** Where the guest environment's programs are in an image. */
const INSTALLED: Readonly<Record<string, string>> = {
  "metadata.py": "usr/lib/google-guest/metadata.py",
  "google_guest_agent.py": "usr/bin/google_guest_agent",
  "google_metadata_script_runner.py": "usr/bin/google_metadata_script_runner",
  "google_authorized_keys.py": "usr/bin/google_authorized_keys",
};

const UNITS: Readonly<Record<string, string>> = {
  "google-guest-agent.service": `[Unit]
Description=Google Compute Engine Guest Agent
Wants=network-online.target
After=network-online.target
Before=ssh.service

[Service]
Type=notify
ExecStart=/usr/bin/google_guest_agent
OOMScoreAdjust=-999
Restart=always

[Install]
WantedBy=multi-user.target
`,
  "google-startup-scripts.service": `[Unit]
Description=Google Compute Engine Startup Scripts
Wants=network-online.target
After=network-online.target google-guest-agent.service
Before=apt-daily.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/google_metadata_script_runner startup
KillMode=process

[Install]
WantedBy=multi-user.target
`,
};

/** What Debian's image for Compute Engine says to sshd beyond Debian. */
const SSHD_CONFIG = "\nPermitRootLogin no\nPasswordAuthentication no\nClientAliveInterval 120\n";
const KEY_EXCHANGE = "KexAlgorithms +diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha256\n";

/** Makes Debian's root file system that of its image for Compute Engine, and has it trust the stand-in's services. */
export function prepareImage(root: string, { name, zone, project, machine }: DeclaredInstance, authority: CertificateAuthority): void {
  const write = (path: string, content: string, mode = 0o644) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
  };
  // The image has no cloud-init.
  write("etc/cloud/cloud-init.disabled", "");
  write(
    "etc/hosts",
    `127.0.0.1 localhost
::1 localhost
${machine.address} ${name}.${zone}.c.${project}.internal ${name}  # Added by Google
${METADATA_ADDRESS} metadata.google.internal  # Added by Google
${SERVICE_ADDRESS} ${SECRET_MANAGER}
`,
  );
  appendFileSync(join(root, "etc/ssh/sshd_config"), SSHD_CONFIG);
  write("etc/ssh/sshd_config.d/90_google_kexchange.conf", KEY_EXCHANGE);
  write("etc/ssh/oslogin_trustedca.pub", "");
  appendFileSync(join(root, "etc/group"), "google-sudoers:x:899:\n");
  write("etc/sudoers.d/google_sudoers", "%google-sudoers ALL=(ALL:ALL) NOPASSWD:ALL\n", 0o440);
  mkdirSync(join(root, "var/google-users.d"), { recursive: true });
  for (const [file, path] of Object.entries(INSTALLED)) write(path, readFileSync(join(PROGRAMS, file), "utf8"), 0o755);
  write("usr/bin/google_authorized_principals", "#!/bin/sh\nexit 0\n", 0o755);
  for (const [unit, content] of Object.entries(UNITS)) {
    write(`usr/lib/systemd/system/${unit}`, content);
    mkdirSync(join(root, "etc/systemd/system/multi-user.target.wants"), { recursive: true });
    symlinkSync(`/usr/lib/systemd/system/${unit}`, join(root, "etc/systemd/system/multi-user.target.wants", unit));
  }
  authority.beTrustedBy(root);
}
