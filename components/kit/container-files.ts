import { createHash } from "node:crypto";
import { quoteForShell } from "../core/ssh-command.ts";
import type { KitFacts } from "./kit-facts.ts";
import type { KitFile } from "./kit-file.ts";
import { indentForYaml, quoteForYaml } from "./quoting.ts";
import { renderTemplate } from "./template.ts";

/** An image with an OpenSSH client, and what keeps it running in Docker and in Kubernetes. */
export function renderContainerFiles(facts: KitFacts): KitFile[] {
  const { customer, client, keyFile, serviceName, knownHosts, sshConfig } = facts;
  const service = quoteForYaml(serviceName);
  const keyFileWord = quoteForShell(keyFile);
  const keepUp = renderTemplate("kubernetes/keep-up.sh", {});
  // A pod does not look at its configuration again; another value here makes another pod.
  const digest = createHash("sha256").update(`${knownHosts}\n${sshConfig}\n${keepUp}`).digest("hex");
  const compose = {
    service,
    keyFileWord,
    keyTarget: quoteForYaml(`/tunnel/${keyFile}`),
    keySource: quoteForYaml(`./${keyFile}`),
  };
  const manifest = {
    service,
    serviceWord: quoteForShell(serviceName),
    keyFileWord,
    keyFile: quoteForYaml(keyFile),
    customer: quoteForYaml(customer),
    client: quoteForYaml(client),
    knownHosts: indentForYaml(knownHosts, 4),
    sshConfig: indentForYaml(sshConfig, 4),
    keepUp: indentForYaml(keepUp, 4),
    digest: quoteForYaml(digest),
  };
  return [
    { path: "docker/Dockerfile", mode: 0o644, content: renderTemplate("docker/Dockerfile", {}) },
    { path: "docker/compose.yaml", mode: 0o644, content: renderTemplate("docker/compose.yaml", compose) },
    { path: "kubernetes/tunnel.yaml", mode: 0o644, content: renderTemplate("kubernetes/tunnel.yaml", manifest) },
  ];
}
