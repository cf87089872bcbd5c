import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changeCustomer, findCustomer, readCustomer } from "../../../../scripts/bastion/rotate/customer-on-disk.ts";
import { UneditableYamlError } from "../../../../scripts/bastion/rotate/edit-yaml.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const FILE = `customer: acme
target: local
clientCidrs: [198.51.100.0/24]
consumerCidrs: [10.20.0.0/16]
tunnels: [{ name: orders }]
clients: [{ name: dc1, generateKey: ed25519 }]
`;

/** A project with a customer's file where it usually is, and another elsewhere. */
function makeProject() {
  const project = temporaryFolder();
  mkdirSync(join(project, "stacks/customers"), { recursive: true });
  mkdirSync(join(project, "elsewhere"));
  const usual = join(project, "stacks/customers/acme.yaml");
  const other = join(project, "elsewhere/file.yaml");
  for (const file of [usual, other]) writeFileSync(file, FILE);
  return { project, usual, other };
}

const neverStopped = () => new AbortController().signal;
const change = (project: string, path: string, edit: (text: string) => string, signal = neverStopped()) =>
  changeCustomer(readCustomer(project, path), edit, signal);

test("the file of a stack is the one that is called like it, or the one its settings name", () => {
  const { project, usual, other } = makeProject();
  expect([findCustomer(project, "acme"), findCustomer(project, "organization/project/acme")]).toEqual([usual, usual]);
  writeFileSync(join(project, "Pulumi.acme.yaml"), "config:\n  reverse-bastion:customerFile: elsewhere/file.yaml\n");
  expect(findCustomer(project, "acme")).toBe(other);
  writeFileSync(join(project, "Pulumi.acme.yaml"), "");
  expect(findCustomer(project, "acme")).toBe(usual);
  expect(() => findCustomer(project, "globex")).toThrow("there is no customer's file stacks/customers/globex.yaml");
});

test("a change is made where a link leads, keeps the mode, and leaves nothing else behind", async () => {
  const { project, usual, other } = makeProject();
  const link = join(project, "stacks/customers/link.yaml");
  symlinkSync(other, link);
  chmodSync(other, 0o640);
  const path = findCustomer(project, "link");
  await change(project, path, (text) => text.replace("dc1", "dc2"));
  expect([readFileSync(other, "utf8"), statSync(other).mode & 0o777]).toEqual([FILE.replace("dc1", "dc2"), 0o640]);
  expect(readFileSync(link, "utf8")).toBe(readFileSync(other, "utf8"));
  expect(readFileSync(usual, "utf8")).toBe(FILE);
  expect(readdirSync(join(project, "elsewhere"))).toEqual(["file.yaml"]);
});

test.each<[what: string, edit: (text: string, path: string) => string, reason: string]>([
  ["makes a file that cannot be used", (text) => text.replace("dc1", "DC 1"), "the customer's file cannot be used"],
  [
    "cannot be made in its form",
    () => {
      throw new UneditableYamlError();
    },
    "stacks/customers/acme.yaml cannot be changed without writing it anew",
  ],
  [
    "comes after somebody else's",
    (text, path) => {
      writeFileSync(path, `${text}# theirs\n`);
      return text.replace("dc1", "dc2");
    },
    "stacks/customers/acme.yaml has been changed in the meantime; look at it, and type the command again",
  ],
])("a change that %s is not made", async (_what, edit, reason) => {
  const { project, usual } = makeProject();
  await expect(change(project, usual, (text) => edit(text, usual))).rejects.toThrow(reason);
  expect(readFileSync(usual, "utf8").replace("# theirs\n", "")).toBe(FILE);
  expect(readdirSync(join(project, "stacks/customers"))).toEqual(["acme.yaml"]);
});

test("a change that is interrupted is not made", async () => {
  const { project, usual } = makeProject();
  const stopped = AbortSignal.abort(new Error("stopped"));
  await expect(change(project, usual, (text) => text.replace("dc1", "dc2"), stopped)).rejects.toThrow("stopped");
  expect(readFileSync(usual, "utf8")).toBe(FILE);
});

test("a file without a bastion has no keys to change", () => {
  const { project, usual } = makeProject();
  writeFileSync(
    usual,
    "customer: acme\ntarget: private-link\nprivateEndpoints:\n  - { name: orders, service: orders.0a1b2c3d-0000-4444-8888-abcdefabcdef.westeurope.azure.privatelinkservice, location: westeurope }\n",
  );
  expect(() => readCustomer(project, usual)).toThrow("stacks/customers/acme.yaml has no bastion, so there are no keys to change");
});
