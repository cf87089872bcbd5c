import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../../plugin/values.ts";
import type { Made } from "../../../world/provider/direct-provider.ts";
import { TestProject } from "../test-project.ts";
import { TYPE } from "../types.ts";

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => project.dispose());

const auto = { replication: { auto: {} } };
const refused = async (kind: keyof typeof TYPE, inputs: Properties) => {
  try {
    await project.make(kind, inputs);
  } catch (error) {
    return (error as Error).message;
  }
  return "not refused";
};

describe("GCP refuses of a secret", () => {
  test.each<[string, string, Properties]>([
    ["a dot in its id", "Error 400: The provided Secret ID [a.b] does not match the expected format", { ...auto, secretId: "a.b" }],
    ["no way of replication", "Error 400: Secret.replication must be either", { replication: {} }],
    [
      "two ways of replication",
      "Error 400: Secret.replication must be either",
      { replication: { auto: {}, userManaged: { replicas: [{ location: "europe-west3" }] } } },
    ],
  ])("%s", async (_what, words, inputs) => {
    expect(await refused("secret", inputs)).toContain(words);
  });

  test("a second one of an id, and its removal while it is protected", async () => {
    const made = await project.make("secret", { ...auto, secretId: "twin", deletionProtection: true });
    expect(await refused("secret", { ...auto, secretId: "twin" })).toMatch(
      /Error 409: Secret \[projects\/\d+\/secrets\/twin\] already exists/,
    );
    expect(await project.refusal(() => project.remove("secret", made))).toContain("deletion_protection=false");
  });

  test.each<[string, string, Properties]>([
    ["a value of no secret", "Error 404: Secret [projects/acme-platform/secrets/absent] not found", { secret: "absent" }],
    ["an empty value", "Error 400: Secret Payload cannot be empty", { secretData: "" }],
    ["a value over 64 KiB", "Error 400: The payload is 65537 bytes", { secretData: "x".repeat(65_537) }],
  ])("%s", async (_what, words, parts) => {
    const { id } = await project.make("secret", auto);
    expect(await refused("secretVersion", { secret: id, secretData: "a value", ...parts })).toContain(words);
  });

  test.each<[string, string, Properties]>([
    ["a member of no secret", "Error 404: Secret [projects/acme-platform/secrets/absent] not found", { secretId: "absent" }],
    ["an account there is not", "Error 400: Service account a@b does not exist", { member: "serviceAccount:a@b" }],
    ["a role that is no role's name", "Error 400: Role accessor is not supported", { role: "accessor" }],
  ])("%s", async (_what, words, parts) => {
    const { id } = await project.make("secret", auto);
    const inputs = { secretId: id, role: "roles/secretmanager.secretAccessor", member: "user:jane@example.com", ...parts };
    expect(await refused("secretIamMember", inputs)).toContain(words);
  });

  test("nothing of all that once it is right", async () => {
    const { id } = await project.make("secret", auto, "host-keys");
    const account = await project.make("serviceAccount", {}, "bastion");
    const member = { secretId: id, role: "roles/secretmanager.secretAccessor", member: account.state.member };
    expect((await project.make("secretIamMember", member)).id).toBe(
      `${id}/roles/secretmanager.secretAccessor/${String(account.state.member)}`,
    );
    const versions: Made[] = [];
    for (const secretData of ["one", "two"]) versions.push(await project.make("secretVersion", { secret: id, secretData }));
    expect(versions.map(({ state }) => state.version)).toEqual(["1", "2"]);
    await project.remove("secret", { id, state: {}, inputs: {} });
    expect(Object.keys(project.world.read().records)).toEqual([TYPE.serviceAccount]);
  });
});

test("GCP refuses a second service account of an id", async () => {
  await project.make("serviceAccount", { accountId: "bastion" });
  expect(await refused("serviceAccount", { accountId: "bastion" })).toContain(
    "Error creating ServiceAccount: googleapi: Error 409: Service account bastion already exists within project projects/acme-platform., alreadyExists",
  );
});

describe("GCP refuses of a record", () => {
  const record = { managedZone: "ssh-example-com", name: "acme.ssh.example.com.", type: "A", ttl: 60, rrdatas: ["192.0.2.129"] };

  test.each<[string, string, Properties]>([
    ["a zone there is not", "notFound", { managedZone: "absent" }],
    ["a name outside of the zone", "invalid", { name: "acme.example.com." }],
    ["a label of 64 characters", "invalid", { name: `${"a".repeat(64)}.ssh.example.com.` }],
    ["an address of the other family", "invalid", { rrdatas: ["2001:db8::1"] }],
    ["no value", "invalid", { rrdatas: [] }],
    ["a time to live below nothing", "invalid", { ttl: -1 }],
    ["a fingerprint that is none", "invalid", { type: "SSHFP", rrdatas: ["4 2 abc"] }],
    ["an alias of the zone itself", "cnameResourceRecordSetConflict", { name: "ssh.example.com.", type: "CNAME", rrdatas: ["a.example."] }],
  ])("%s", async (_what, code, parts) => {
    expect(await project.refusal(() => project.make("recordSet", { ...record, ...parts }))).toBe(code);
  });

  test("its twin, and an alias beside it", async () => {
    await project.make("recordSet", record);
    expect(await project.refusal(() => project.make("recordSet", record))).toBe("alreadyExists");
    expect(await project.refusal(() => project.make("recordSet", { ...record, type: "CNAME", rrdatas: ["a.example."] }))).toBe(
      "cnameResourceRecordSetConflict",
    );
  });
});
