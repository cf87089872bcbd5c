import { renderClientFiles } from "./client-files.ts";
import { renderCloudInitFile } from "./cloud-init-file.ts";
import { renderContainerFiles } from "./container-files.ts";
import { renderDoctorFile } from "./doctor-file.ts";
import { renderPowerShellDoctorFile } from "./doctor-powershell-file.ts";
import type { KitFacts } from "./kit-facts.ts";
import type { KitFile } from "./kit-file.ts";
import { renderLaunchdFiles } from "./launchd-files.ts";
import { renderSystemdFiles } from "./systemd-files.ts";
import { renderWindowsFiles } from "./windows-files.ts";

/** Renders every file of a kit but the page, which shows them. */
export function renderKitFiles(facts: KitFacts): KitFile[] {
  const client = renderClientFiles(facts);
  const systemd = renderSystemdFiles(facts);
  const settings = client.filter(({ path }) => path === "known_hosts" || path === "ssh_config");
  return [
    ...client,
    renderDoctorFile(facts),
    renderPowerShellDoctorFile(facts),
    ...systemd,
    ...renderLaunchdFiles(facts),
    ...renderContainerFiles(facts),
    ...renderWindowsFiles(facts),
    renderCloudInitFile(facts, [...settings, ...systemd]),
  ];
}
