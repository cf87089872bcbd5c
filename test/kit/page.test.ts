import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type KitFacts, kitFacts } from "../../components/kit/kit-facts.ts";
import type { KitFile } from "../../components/kit/kit-file.ts";
import { renderKitFiles } from "../../components/kit/kit-files.ts";
import { escapeHtml } from "../../components/kit/page/html.ts";
import { renderPage } from "../../components/kit/page/page.ts";
import { ECDSA_P256, ED25519_A } from "../support/keys.ts";
import { exampleDescription } from "./example-kit.ts";

const FACTS = kitFacts({ customer: "acme", description: exampleDescription(), client: "dr-site" });
const FILES = renderKitFiles(FACTS);
const PAGE = renderPage(FACTS, FILES);

test("every command, to the letter and in the order of the page", () => {
  expect(commandsOf(renderPage(FACTS, []))).toEqual([
    "bastion.example.com:2222",
    "ssh -V",
    "sh connect.sh --test",
    "ssh -v -N -T -F ssh_config bastion",
    "sudo sh systemd/install.sh",
    "systemctl status reverse-bastion-tunnel-acme-dr-site",
    "journalctl -f -u reverse-bastion-tunnel-acme-dr-site",
    "sudo sh systemd/install.sh --uninstall",
    "sh autossh.sh",
    "sudo sh macos/install.sh",
    "launchctl print system/reverse-bastion-tunnel-acme-dr-site",
    "tail -F /var/log/reverse-bastion-tunnel-acme-dr-site.log",
    "sudo sh macos/install.sh --uninstall",
    "brew install autossh",
    "caffeinate -i sh autossh.sh",
    "powershell -NoProfile -ExecutionPolicy Bypass -File .\\windows\\install-tunnel.ps1",
    "Get-ScheduledTask reverse-bastion-tunnel-acme-dr-site",
    'Get-Content "$env:ProgramData\\reverse-bastion-tunnel-acme-dr-site\\log\\ssh.log" -Tail 20 -Wait',
    "powershell -NoProfile -ExecutionPolicy Bypass -File .\\windows\\install-tunnel.ps1 -Uninstall",
    "sudo install -o 10001 -m 0400 dr-site.key docker/dr-site.key",
    "docker compose -f docker/compose.yaml up --detach --build",
    "docker compose -f docker/compose.yaml logs --follow",
    "docker compose -f docker/compose.yaml down --rmi all\nsudo rm docker/dr-site.key",
    "docker build -t registry.example.com/reverse-bastion-tunnel:1 docker\ndocker push registry.example.com/reverse-bastion-tunnel:1",
    "kubectl create secret generic reverse-bastion-tunnel-acme-dr-site --from-file=dr-site.key",
    "kubectl apply -f kubernetes/tunnel.yaml",
    "kubectl rollout status deployment/reverse-bastion-tunnel-acme-dr-site",
    "kubectl logs -f deployment/reverse-bastion-tunnel-acme-dr-site",
    "kubectl delete -f kubernetes/tunnel.yaml\nkubectl delete secret reverse-bastion-tunnel-acme-dr-site",
    "sh doctor.sh",
    "powershell -NoProfile -ExecutionPolicy Bypass -File .\\doctor.ps1",
    "ssh-keygen -l -f known_hosts",
  ]);
});

test("every file that is named is in the kit", () => {
  const paths = FILES.map(({ path }) => path);
  const named = textOf(renderPage(FACTS, [])).match(/\b(?:[a-z]+[/\\])?[\w-]+\.(?:sh|ps1|yaml|service)\b/g) ?? [];
  const missing = new Set(named.map((path) => path.replace("\\", "/")).filter((path) => !paths.includes(path)));
  expect([...missing]).toEqual([]);
  expect(new Set(named).size).toBeGreaterThanOrEqual(7);
});

test("each file of the kit, as it is", () => {
  expect(commandsOf(PAGE).slice(-FILES.length)).toEqual(FILES.map(({ content }) => content));
  expect(detailsOf(PAGE)).toEqual(FILES.map(({ path }) => path));
});

test("the tunnels and the host keys", () => {
  expect(rowsOf(PAGE, "tunnels")).toEqual(FACTS.tunnels.map(({ name, destination, bindPort }) => [name, destination, `${bindPort}`]));
  expect(rowsOf(PAGE, "tunnels")).toContainEqual(["billing", "[2001:db8::7]:3306", "15001"]);
  expect(rowsOf(PAGE, "host-keys")).toEqual([
    ["ssh-ed25519", ED25519_A.fingerprint],
    ["ecdsa-sha2-nistp256", ECDSA_P256.fingerprint],
  ]);
});

test("what ssh prints when it is connected", () => {
  const [, output = ""] = /<div class="output">\n(.*?)\n<\/div>/s.exec(PAGE) ?? [];
  const opened = FACTS.tunnels.map(({ bindPort }) => expect.stringContaining(`${bindPort}, connect `));
  const lines = textOf(output).split("\n");
  expect(lines).toEqual([
    `debug1: Server host key: ssh-ed25519 ${ED25519_A.fingerprint}`,
    'Authenticated to bastion.example.com (…) using "publickey".',
    ...opened,
  ]);
  expect(lines).toContain("debug1: remote forward success for: listen 0.0.0.0:15001, connect 2001:db8::7:3306");
});

test("without an ed25519 host key, the one there is", () => {
  const hostKeys = [{ type: "ecdsa-sha2-nistp256", fingerprint: ECDSA_P256.fingerprint }];
  expect(textOf(renderPage({ ...FACTS, hostKeys }, []))).toContain(`Server host key: ecdsa-sha2-nistp256 ${ECDSA_P256.fingerprint}`);
});

test("a bastion on port 22 or with an IPv6 address is written as ssh writes it", () => {
  const text = textOf(renderPage({ ...FACTS, host: "2001:db8::1" }, []));
  expect(text).toContain("ssh: connect to host 2001:db8::1 port 2222: Connection refused");
  expect(text).toContain("host key is known for [2001:db8::1]:2222 and");
  expect(commandsOf(renderPage({ ...FACTS, host: "2001:db8::1" }, []))[0]).toBe("[2001:db8::1]:2222");
  expect(textOf(renderPage({ ...FACTS, sshPort: 22 }, []))).toContain("host key is known for bastion.example.com and");
});

test("a page without a tunnel or a host key makes no sense", () => {
  expect(() => renderPage({ ...FACTS, tunnels: [] }, [])).toThrow("a page needs at least one tunnel");
  expect(() => renderPage({ ...FACTS, hostKeys: [] }, [])).toThrow("a page needs at least one host key");
});

test("the browser is told to use the page's own style and script and nothing else", () => {
  const hash = (element: string) => {
    const [, content = ""] = new RegExp(`<${element}(?: type="module")?>(.*?)</${element}>`, "s").exec(PAGE) ?? [];
    return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
  };
  const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(PAGE) ?? [];
  expect(policy.replaceAll("&#39;", "'")).toBe(
    `default-src 'none'; style-src ${hash("style")}; script-src ${hash("script")}; base-uri 'none'; form-action 'none'`,
  );
  expect(PAGE.match(/<(?:style|script)\b/g)).toEqual(["<style", "<script"]);
});

test("nothing points outside of the page, and what points inside arrives", () => {
  const attributes = tagsOf(PAGE).flatMap((tag) =>
    [...tag.matchAll(/\s([\w-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value] as const),
  );
  const ids = attributes.filter(([name]) => name === "id").map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const targets = attributes.filter(([name]) => name === "href").map(([, href]) => href);
  expect(targets.length).toBeGreaterThan(3);
  expect(targets.filter((href) => !ids.includes(href.replace(/^#/, "")) || !href.startsWith("#"))).toEqual([]);
  const labels = attributes.filter(([name]) => name === "aria-labelledby").map(([, id]) => id);
  expect(labels.filter((id) => !ids.includes(id))).toEqual([]);
  expect(attributes.filter(([name]) => /^(?:src|srcset|style|action|on\w+)$/.test(name))).toEqual([]);
  expect(/<style>.*?(?:url\(|@import).*?<\/style>/s.test(PAGE)).toBe(false);
});

const NASTY = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'",
    "&lt;",
    "</code></pre>",
    "</style>",
    "--><!--",
    "{{host}}",
    "$&",
    "a\r\nb",
  ),
);
const NASTY_FACTS: fc.Arbitrary<KitFacts> = fc
  .record({
    customer: NASTY,
    client: NASTY,
    host: NASTY,
    user: NASTY,
    keyFile: NASTY,
    serviceName: NASTY,
    name: NASTY,
    type: NASTY,
    fingerprint: NASTY,
  })
  .map(({ name, type, fingerprint, ...facts }) => ({
    ...FACTS,
    ...facts,
    tunnels: FACTS.tunnels.slice(0, 1).map((tunnel) => ({ ...tunnel, name })),
    hostKeys: [{ type, fingerprint }],
  }));
const NASTY_FILE: fc.Arbitrary<KitFile> = fc.record({ path: NASTY, content: NASTY, mode: fc.constant(0o644) });

test("whatever names and files say stays text", () => {
  const plain = tagsOf(
    renderPage({ ...FACTS, tunnels: FACTS.tunnels.slice(0, 1), hostKeys: FACTS.hostKeys.slice(0, 1) }, FILES.slice(0, 1)),
  );
  fc.assert(
    fc.property(NASTY_FACTS, NASTY_FILE, (facts, file) => {
      const page = renderPage(facts, [file]);
      // A break is allowed after each dot and colon of an address in the picture.
      expect(tagsOf(page).filter((tag) => tag !== "<wbr>")).toEqual(plain.filter((tag) => tag !== "<wbr>"));
      expect(textOf(page)).toContain(`Connection kit of ${facts.customer}, for ${facts.client}\n`);
      expect(rowsOf(page, "tunnels")).toEqual([[facts.tunnels[0]?.name, facts.tunnels[0]?.destination, `${facts.tunnels[0]?.bindPort}`]]);
      expect(rowsOf(page, "host-keys")).toEqual([[facts.hostKeys[0]?.type, facts.hostKeys[0]?.fingerprint]]);
      expect(commandsOf(page).at(-1)).toBe(file.content);
      expect(detailsOf(page)).toEqual([file.path]);
    }),
    { numRuns: 300 },
  );
});

test("quotes stay text in an attribute, too", () => {
  expect(escapeHtml(`a&b<c>"d"'e'\r`).source).toBe("a&amp;b&lt;c&gt;&quot;d&quot;&#39;e&#39;&#13;");
});

/** The page without its style and script, where `<` is not the beginning of a tag. */
function markupOf(page: string): string {
  return page.replaceAll(/(?<=<(?:style|script)(?: [^>]*)?>).*?(?=<\/(?:style|script)>)/gs, "");
}

function tagsOf(page: string): string[] {
  return markupOf(page).match(/<[^>"]*(?:"[^"]*"[^>"]*)*>/g) ?? [];
}

/** What a reader sees, as the standard has it: one kind of line ends, no tags, and characters for entities. */
function textOf(html: string): string {
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#13": "\r" };
  return markupOf(html)
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/<[^>"]*(?:"[^"]*"[^>"]*)*>/g, "")
    .replaceAll(/&([#\w]+);/g, (_entity, name: string) => entities[name] ?? "?");
}

function commandsOf(page: string): string[] {
  return [...page.matchAll(/<div class="command"><pre><code>(.*?)<\/code><\/pre><\/div>/gs)].map(([, code = ""]) => textOf(code));
}

function detailsOf(page: string): string[] {
  return [...page.matchAll(/<summary>(.*?)<\/summary>/gs)].map(([, summary = ""]) => textOf(summary));
}

/** The cells of the table in a section. */
function rowsOf(page: string, section: string): string[][] {
  const [, rows = ""] = new RegExp(`<h2 id="${section}">.*?<tbody>(.*?)</tbody>`, "s").exec(page) ?? [];
  return [...rows.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = ""]) => textOf(cell)),
  );
}
