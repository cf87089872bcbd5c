import { quoteForShell } from "../core/ssh-command.ts";
import type { KitFacts } from "./kit-facts.ts";
import type { KitFile } from "./kit-file.ts";
import { indentForYaml, quoteForYaml } from "./quoting.ts";
import { renderTemplate } from "./template.ts";

/**
 * The cloud-config of a machine that keeps the tunnels up from its first start.
 *
 * @param files what is installed there, from other files of the kit.
 */
export function renderCloudInitFile({ client, host, keyFile, serviceName }: KitFacts, files: readonly KitFile[]): KitFile {
  const folder = `/usr/local/share/${serviceName}`;
  const installer = quoteForShell(`${folder}/systemd/install.sh`);
  const written = files.map(({ path, mode, content }) =>
    [
      `  - path: ${quoteForYaml(`${folder}/${path}`)}`,
      `    permissions: ${quoteForYaml(`0${mode.toString(8)}`)}`,
      "    content: |",
      indentForYaml(content, 6),
    ].join("\n"),
  );
  const content = renderTemplate("cloud-init.yaml", {
    client,
    host,
    keyPath: `${folder}/${keyFile}`,
    installerWord: installer,
    files: written.join("\n"),
    runInstaller: quoteForYaml(`test ! -e ${quoteForShell(`${folder}/${keyFile}`)} || sh ${installer}`),
  });
  return { path: "cloud-init.yaml", mode: 0o644, content };
}
