import type { PlacedTunnel } from "./forward.ts";
import { renderLocalForward, renderRemoteForward, renderStatusForward, type SshLogin, sshOptions } from "./ssh-command.ts";

/** Renders the `Host` block by which a client opens its tunnels: `ssh -N <alias>` (ssh_config(5)). */
export function renderClientSshConfig(alias: string, login: SshLogin, tunnels: readonly PlacedTunnel[]): string {
  return renderHost(
    alias,
    login,
    tunnels.map((tunnel) => `RemoteForward ${inTwoWords(renderRemoteForward(tunnel))}`),
  );
}

/** Renders the `Host` block by which a consumer reaches its tunnels: `ssh -N <alias>` (ssh_config(5)). */
export function renderConsumerSshConfig(alias: string, login: SshLogin, tunnels: readonly PlacedTunnel[]): string {
  return renderHost(
    alias,
    login,
    tunnels.map((tunnel) => `LocalForward ${inTwoWords(renderLocalForward(tunnel))}`),
  );
}

/** Renders the `Host` block by which an operator reads the bastion's status: `ssh -N <alias>` (ssh_config(5)). */
export function renderOperatorSshConfig(alias: string, login: SshLogin, statusPort: number): string {
  return renderHost(alias, login, [`LocalForward ${inTwoWords(renderStatusForward(statusPort))}`]);
}

function renderHost(alias: string, login: SshLogin, forwards: readonly string[]): string {
  const settings = [
    `HostName ${login.host}`,
    `Port ${login.sshPort}`,
    `User ${login.user}`,
    ...sshOptions(login).map(([name, value]) => `${name} ${/\s/.test(value) ? `"${value}"` : value}`),
    ...forwards,
  ];
  return `Host ${alias}\n${settings.map((setting) => `    ${setting}\n`).join("")}`;
}

/** `ssh_config` wants the listening side and the destination apart: `0.0.0.0:15000 db:5432`. */
function inTwoWords(forward: string): string {
  const [, listen = "", destination = ""] = /^((?:[^:]*:)?\d+):(.+)$/.exec(forward) ?? [];
  return `${listen} ${destination}`;
}
