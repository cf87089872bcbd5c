import type { Bastion } from "../core/bastion.ts";
import { HostImage, opensshOf } from "../core/host-image.ts";
import { renderStandaloneSshdConfig } from "../core/sshd-config.ts";
import { CONFIGURATION_FOLDER } from "./directory.ts";
import type { HostFile } from "./file-set.ts";
import { hostPrograms, ProgramPackage } from "./programs.ts";
import { renderUnit, Unit } from "./units.ts";

/** Folder that holds everything of the bastion on a cloud's machine. Nobody but root can change what is in it. */
export const VM_DIRECTORY = "/var/lib/reverse-bastion";

const PYTHON = "/usr/bin/python3";
const SSHD = "/usr/sbin/sshd";
const SSH_KEYGEN = "/usr/bin/ssh-keygen";

/** What starts the image's own sshd: Ubuntu's waits behind a socket. */
const SYSTEM_SSHD_UNIT: Readonly<Record<HostImage, string>> = {
  [HostImage.Debian13]: "ssh.service",
  [HostImage.Debian12]: "ssh.service",
  [HostImage.Ubuntu2404]: "ssh.socket",
};

/** What the files of a machine depend on, beside the bastion. */
export interface VirtualMachineOptions {
  readonly image: HostImage;
  /** Whether the image's own sshd stays on, for an administrator. */
  readonly adminSshd: boolean;
  readonly ipv6: boolean;
}

/** The host file set of a cloud's machine. It changes with neither keys nor tunnels, and holds no secret. */
export function renderVirtualMachine(bastion: Bastion, options: VirtualMachineOptions): HostFile[] {
  const { sshPort, statusPort, tunnelUser, consumerUser } = bastion;
  const settings = { directory: VM_DIRECTORY, sshd: SSHD, sshKeygen: SSH_KEYGEN, sshPort, statusPort, users: [tunnelUser, consumerUser] };
  const system = { sshd: options.adminSshd, sshdUnit: SYSTEM_SSHD_UNIT[options.image] };
  return [
    readable(`${CONFIGURATION_FOLDER}/sshd_config`, renderSshdConfig(bastion, options)),
    readable(`${CONFIGURATION_FOLDER}/bastion.json`, renderJson(settings)),
    readable(`${CONFIGURATION_FOLDER}/system.json`, renderJson(system)),
    readable(`units/${Unit.Bastion}`, renderUnit(Unit.Bastion, { tunnelUser })),
    ...hostPrograms("lib"),
    ...hostPrograms("lib", ProgramPackage.VirtualMachine),
  ];
}

function renderSshdConfig(bastion: Bastion, { image, ipv6 }: VirtualMachineOptions): string {
  const settingsFile = `${VM_DIRECTORY}/${CONFIGURATION_FOLDER}/bastion.json`;
  return renderStandaloneSshdConfig({
    version: opensshOf(image),
    sshPort: bastion.sshPort,
    ipv6,
    users: { tunnel: bastion.tunnelUser, consumer: bastion.consumerUser },
    hostKeysFile: `${VM_DIRECTORY}/live/host-keys.conf`,
    authorizedKeysCommand: `${PYTHON} -I -S ${VM_DIRECTORY}/lib/bastion_host/authorized_keys_command.py ${settingsFile} %u %t %k %f`,
    authorizedKeysCommandUser: bastion.tunnelUser,
    permitDirectory: `${VM_DIRECTORY}/live/sshd`,
    allowedSources: bastion.clientCidrs,
    penaltyExemptCidrs: bastion.penaltyExemptCidrs,
    legacyCiphers: bastion.legacyCiphers,
  });
}

function readable(path: string, content: string): HostFile {
  return { path, mode: 0o644, content };
}

function renderJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
