import type { Bastion } from "../core/bastion.ts";
import type { LoginUsers } from "../core/key-set.ts";
import { parseOpenSshVersion } from "../core/openssh-version.ts";
import { renderStandaloneSshdConfig } from "../core/sshd-config.ts";
import type { HostFile } from "./file-set.ts";
import type { Machine } from "./machine.ts";
import { hostPrograms } from "./programs.ts";

/** Folder of the host keys and the configuration, below the bastion's directory. */
export const CONFIGURATION_FOLDER = "etc";

/** The host file set as one directory that belongs to the user sshd runs as: for a bastion without root. */
export function renderDirectory(
  bastion: Bastion,
  machine: Machine,
  { listenAddress }: { readonly listenAddress?: string | undefined } = {},
): HostFile[] {
  const { directory } = machine;
  const users: LoginUsers = { tunnel: machine.tunnelUser, consumer: machine.consumerUser };
  const settingsFile = `${directory}/${CONFIGURATION_FOLDER}/bastion.json`;
  const names = [...new Set([users.tunnel, users.consumer])];
  const { sshPort, statusPort } = bastion;
  const settings = { directory, sshd: machine.sshd, sshKeygen: machine.sshKeygen, sshPort, statusPort, users: names };
  const sshdConfig = renderStandaloneSshdConfig({
    version: parseOpenSshVersion(machine.opensshVersion),
    sshPort,
    listenAddress,
    users,
    hostKeysFile: `${directory}/live/host-keys.conf`,
    authorizedKeysCommand: `${machine.python} -I -S ${directory}/lib/bastion_host/authorized_keys_command.py ${settingsFile} %u %t %k %f`,
    authorizedKeysCommandUser: users.tunnel,
    permitDirectory: `${directory}/live/sshd`,
    allowedSources: bastion.clientCidrs,
    penaltyExemptCidrs: bastion.penaltyExemptCidrs,
    legacyCiphers: bastion.legacyCiphers,
  });
  return [
    { path: `${CONFIGURATION_FOLDER}/sshd_config`, mode: 0o600, content: sshdConfig },
    { path: `${CONFIGURATION_FOLDER}/bastion.json`, mode: 0o600, content: `${JSON.stringify(settings, undefined, 2)}\n` },
    // Made by being named: the supervisor's log is opened before it runs.
    { path: "log/README", mode: 0o600, content: "bastion.log: what sshd and the bastion's programs have to say, one event a line.\n" },
    ...hostPrograms("lib"),
  ];
}
