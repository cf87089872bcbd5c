import { expect, test } from "vitest";
import type { GcpTransforms } from "../../../components/gcp/gcp-transforms.ts";
import type { Transform } from "../../../components/shared/transform.ts";
import { up } from "../../support/gcp-bastion.ts";

/** What each transform changes, by the type of its child. */
const CHILDREN: Readonly<Record<keyof GcpTransforms, string>> = {
  network: "gcp:compute/network:Network",
  subnetwork: "gcp:compute/subnetwork:Subnetwork",
  address: "gcp:compute/address:Address",
  firewall: "gcp:compute/firewall:Firewall",
  serviceAccount: "gcp:serviceaccount/account:Account",
  secret: "gcp:secretmanager/secret:Secret",
  secretVersion: "gcp:secretmanager/secretVersion:SecretVersion",
  secretIamMember: "gcp:secretmanager/secretIamMember:SecretIamMember",
  instance: "gcp:compute/instance:Instance",
  record: "gcp:dns/recordSet:RecordSet",
};

const ARGS = { dns: { zone: "ssh.example.com" }, admin: { osLogin: true, cidrs: ["192.0.2.0/24"] } };

test("each transform reaches all children of its kind, and no others", async () => {
  // Every one of these resources has a project, and our children name none.
  const mark =
    (kind: string): Transform<object> =>
    ({ args, options }) => ({ args: { ...args, project: kind }, options: { ...options, protect: true } });
  const transform = Object.fromEntries(Object.keys(CHILDREN).map((kind) => [kind, mark(kind)])) as GcpTransforms;
  const { registered, error } = await up(ARGS, {}, { transform });
  expect(error).toBeUndefined();
  for (const [kind, type] of Object.entries(CHILDREN)) {
    const children = registered.filter((resource) => resource.type === type);
    expect(children.length, kind).toBeGreaterThan(0);
    for (const { name, inputs, options } of children) expect([name, inputs.project, options.protect]).toEqual([name, kind, true]);
  }
  expect([...new Set(registered.filter(({ options }) => !options.protect).map(({ type }) => type))].sort()).toEqual([
    "reverse-bastion:gcp:GcpBastion",
    "reverse-bastion:index:BindPorts",
    "reverse-bastion:index:SshKeyPair",
  ]);
});

test("a transform sees what the bastion would have made, and decides", async () => {
  const seen: unknown[] = [];
  const transform: GcpTransforms = {
    instance: ({ args, options }) => {
      seen.push(args.machineType, args.allowStoppingForUpdate);
      return { args: { ...args, deletionProtection: true }, options };
    },
  };
  const { registered } = await up({}, {}, { transform });
  expect(seen).toEqual(["e2-micro", true]);
  expect(registered.find(({ name }) => name === "acme-instance")?.inputs.deletionProtection).toBe(true);
});
