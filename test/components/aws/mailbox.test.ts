import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { AwsBastionArgs } from "../../../components/aws/aws-bastion.ts";
import type { AwsTransforms } from "../../../components/aws/aws-transforms.ts";
import { parseBastion } from "../../../components/core/bastion.ts";
import { renderHostFiles } from "../../../components/host/mailbox-document.ts";
import { renderVirtualMachine, type VirtualMachineOptions } from "../../../components/host/virtual-machine.ts";
import { TAGS, up } from "../../support/aws-bastion.ts";
import { awsOutputs, parametersOf } from "../../support/aws-engine.ts";
import { DEPLOYABLE } from "../../support/bastions.ts";
import { ED25519_A } from "../../support/keys.ts";
import { privateKeyOf } from "../../support/local-engine.ts";
import { documentIn } from "../../support/mailbox-parameters.ts";
import { ofType, resourceIn } from "../../support/registered.ts";

const PARAMETER = "aws:ssm/parameter:Parameter";
const PREFIX = "/reverse-bastion/project/stack/acme";
const kmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const admin = { publicKey: ED25519_A.line, cidrs: ["192.0.2.0/24"] };

const parameters = async (args: Partial<AwsBastionArgs> = {}) => ofType((await up(args)).registered, PARAMETER);

test("the host keys are one secret, with the files' names", async () => {
  const { inputs, secretInputs } = resourceIn(await parameters(), "acme-host-keys");
  const { value, ...rest } = inputs;
  const args = { name: `${PREFIX}/host-keys`, type: "SecureString", tier: "Standard", overwrite: true, tags: TAGS };
  expect(rest).toEqual({ ...args, description: "Host keys of a bastion" });
  expect(JSON.parse(value as string)).toEqual({
    ssh_host_ed25519_key: privateKeyOf("acme-host-key-ed25519"),
    ssh_host_ecdsa_key: privateKeyOf("acme-host-key-ecdsa"),
  });
  expect(secretInputs).toEqual(["value"]);
  expect(resourceIn(await parameters({ kmsKeyArn }), "acme-host-keys").inputs.keyId).toBe(kmsKeyArn);
});

test("only the host keys are secret by themselves, before AWS's SDK marks every value", async () => {
  const secrets: Promise<string | undefined>[] = [];
  const parameter: AwsTransforms["parameter"] = (child) => {
    secrets.push(pulumi.isSecret(pulumi.output(child.args.value)).then((isSecret) => (isSecret ? (child.args.name as string) : undefined)));
    return child;
  };
  await up({}, {}, { transform: { parameter } });
  expect((await Promise.all(secrets)).filter((name) => name !== undefined)).toEqual([`${PREFIX}/host-keys`]);
});

const DESCRIPTIONS: Readonly<Record<string, RegExp>> = {
  "host-files": /^Programs and configuration of a bastion(, part \d+)?$/,
  "host-keys": /^Which host keys a bastion has$/,
  "key-set": /^Who may log in to a bastion(, part \d+)?$/,
};

test("everything else is ordinary text of the free tier, of a size that it takes, below one prefix", async () => {
  const others = (await parameters({ kmsKeyArn })).filter(({ name }) => name !== "acme-host-keys");
  for (const { name, inputs } of others) {
    const { value, description, ...rest } = inputs;
    const role = name.replace(/^acme-/, "").replace(/-(\d+|manifest)$/, "/$1");
    expect(rest).toEqual({ name: `${PREFIX}/${role}`, type: "String", tier: "Standard", overwrite: true, tags: TAGS });
    const bytes = Buffer.byteLength(value as string);
    expect([bytes >= 1, bytes <= 4096], name).toEqual([true, true]);
    expect(description).toMatch(DESCRIPTIONS[role.split("/")[0] ?? ""] ?? /^$/);
  }
});

test("a manifest comes after all of its parts: it is what the machine looks at", async () => {
  const { registered } = await up();
  for (const role of ["host-files", "key-set"]) {
    const parts = registered.filter(({ name }) => new RegExp(`^acme-${role}-\\d+$`).test(name)).map(({ name }) => `${PARAMETER}::${name}`);
    expect(parts.length).toBeGreaterThan(0);
    expect(resourceIn(registered, `acme-${role}-manifest`).options.dependencies).toEqual(expect.arrayContaining(parts));
  }
  expect(resourceIn(registered, "acme-host-keys-manifest").options.dependencies).toContain(`${PARAMETER}::acme-host-keys`);
});

test.each<[Partial<AwsBastionArgs>, Partial<VirtualMachineOptions>]>([
  [{}, {}],
  [{ image: "debian-12" }, { image: "debian-12" }],
  [{ admin }, { adminSshd: true }],
  [{ ipv6: true, sshPort: 2200, clientCidrs: ["2001:db8::/32"], legacyCiphers: true, tunnelUser: "acme" }, { ipv6: true }],
])("the machine's files are those of %j", async (args, options) => {
  const { registered } = await up(args);
  const files = renderVirtualMachine(parseBastion({ ...DEPLOYABLE, ...args }), {
    image: "debian-13",
    adminSshd: false,
    ipv6: false,
    ...options,
  });
  expect(documentIn(parametersOf(registered), "host-files")).toBe(renderHostFiles(files));
});

test("the files do not change with keys and tunnels", async () => {
  const filesWith = async (args: Partial<AwsBastionArgs>) => documentIn(parametersOf((await up(args)).registered), "host-files");
  expect(await filesWith({ tunnels: [{ name: "orders" }], clients: [], consumers: [] })).toBe(await filesWith({}));
});

test("what faces the network cannot ask EC2 for the machine's identity, at neither of its addresses", async () => {
  const { files } = JSON.parse(documentIn(parametersOf((await up()).registered), "host-files"));
  const unit = files.find(({ path }: { path: string }) => path === "units/reverse-bastion.service").content as string;
  const denied = /^IPAddressDeny=(.*)$/m.exec(unit)?.[1]?.split(" ");
  expect([denied, /^IPAddressAllow=/m.test(unit)]).toEqual([["169.254.0.0/16", "fd00:ec2::254"], false]);
});

test("a part that is not needed at the moment is not empty, which SSM would refuse", async () => {
  // Keys that are all the same pack much better than those that were planned for, of which nothing is known.
  const clients = Array.from({ length: 150 }, (_, i) => ({ name: `client-${i}`, generateKey: "ed25519" as const, tunnels: ["orders"] }));
  const outputsOf: typeof awsOutputs = (resource) =>
    awsOutputs({ ...resource, name: resource.name.replace(/^acme-client-client-\d+-key$/, "acme-client-dr-site-key") });
  const { registered, error } = await up({ clients }, { outputsOf });
  expect(error).toBeUndefined();
  const values = Object.entries(parametersOf(registered)).filter(([name]) => /^key-set\/\d+$/.test(name));
  expect(values.length).toBeGreaterThan(2);
  expect(values.at(-1)?.[1]).toBe("-");
  expect(documentIn(parametersOf(registered), "key-set").split("\n").length).toBeGreaterThan(150);
});

// Who may read it.

test("the machine's role may read the bastion's own parameters, and nothing else", async () => {
  const { registered } = await up();
  expect(JSON.parse(resourceIn(registered, "acme-role-policy").inputs.policy as string)).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "ssm:GetParameters",
        Resource: `arn:aws:ssm:eu-central-1:123456789012:parameter${PREFIX}/*`,
      },
    ],
  });
  const { assumeRolePolicy, ...role } = resourceIn(registered, "acme-role").inputs;
  expect(role).toEqual({ description: "The machine of a reverse SSH bastion", tags: TAGS });
  expect(JSON.parse(assumeRolePolicy as string)).toEqual({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
  });
  expect(resourceIn(registered, "acme-role-policy").inputs.role).toBe("acme-role-1a2b3c4");
  expect(resourceIn(registered, "acme-instance-profile").inputs).toEqual({ role: "acme-role-1a2b3c4", tags: TAGS });
});

test("with a key of its own, it may also decrypt with that, and a boundary is kept", async () => {
  const permissionsBoundaryArn = "arn:aws:iam::123456789012:policy/boundary";
  const { registered } = await up({ kmsKeyArn, permissionsBoundaryArn });
  const { Statement } = JSON.parse(resourceIn(registered, "acme-role-policy").inputs.policy as string);
  expect(Statement.slice(1)).toEqual([{ Effect: "Allow", Action: "kms:Decrypt", Resource: kmsKeyArn }]);
  expect(resourceIn(registered, "acme-role").inputs.permissionsBoundary).toBe(permissionsBoundaryArn);
});

// Previews.

test("a first preview shows every part; those of the key set are unknown", async () => {
  const { registered } = await up({}, { preview: true, outputsOf: () => ({}) });
  const unknown = ofType(registered, PARAMETER).filter(({ inputs }) => inputs.value === pulumi.runtime.unknownValue);
  expect(unknown.map(({ name }) => name).sort()).toEqual([
    "acme-host-keys",
    "acme-host-keys-manifest",
    "acme-key-set-1",
    "acme-key-set-manifest",
  ]);
});
