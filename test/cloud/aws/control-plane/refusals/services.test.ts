import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Made, TestAccount, TRUST } from "../test-account.ts";

/** An OpenSSH line of an RSA key, made of its fields. */
function rsaLine(bits: number): string {
  const { n = "", e = "" } = generateKeyPairSync("rsa", { modulusLength: bits }).publicKey.export({ format: "jwk" });
  const fields = [Buffer.from("ssh-rsa"), Buffer.from(e, "base64url"), Buffer.concat([Buffer.of(0), Buffer.from(n, "base64url")])];
  const sized = fields.flatMap((field) => [Buffer.from(field.length.toString(16).padStart(8, "0"), "hex"), field]);
  return `ssh-rsa ${Buffer.concat(sized).toString("base64")} admin`;
}

const ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f admin";
const ECDSA = `ecdsa-sha2-nistp256 ${Buffer.from("\0\0\0\x13ecdsa-sha2-nistp256").toString("base64")} admin`;

let account: TestAccount;

beforeEach(() => {
  account = new TestAccount();
});

afterEach(() => account.dispose());

describe("AWS refuses besides", () => {
  const alarm = {
    comparisonOperator: "GreaterThanThreshold",
    evaluationPeriods: 2,
    metricName: "StatusCheckFailed_System",
    namespace: "AWS/EC2",
    period: 60,
    statistic: "Maximum",
    threshold: 0,
  };
  const zoneId = "Z0123456789EXAMPLE";

  test.each<[string, string, () => Promise<Made>]>([
    ["an ECDSA key", "InvalidKey.Format", () => account.make("keyPair", { publicKey: ECDSA })],
    ["a key that is none", "InvalidKey.Format", () => account.make("keyPair", { publicKey: "ssh-ed25519 garbage" })],
    ["an RSA key of 3072 bits", "InvalidKey.Format", () => account.make("keyPair", { publicKey: rsaLine(3072) })],
    [
      "a second key of a name",
      "InvalidKeyPair.Duplicate",
      async () => {
        await account.make("keyPair", { keyName: "admin", publicKey: rsaLine(2048) });
        return account.make("keyPair", { keyName: "admin", publicKey: ED25519 });
      },
    ],
    [
      "a policy that allows nothing and denies nothing",
      "MalformedPolicyDocument",
      async () => {
        const { id } = await account.make("role", { assumeRolePolicy: TRUST });
        return account.make("rolePolicy", { role: id, policy: { Statement: [{ Action: "*" }] } });
      },
    ],
    ["a policy of no role", "NoSuchEntity", () => account.make("rolePolicy", { role: "nobody", policy: { Statement: [] } })],
    [
      "inline policies over 10240 characters",
      "LimitExceeded",
      async () => {
        const { id } = await account.make("role", { assumeRolePolicy: TRUST });
        const policy = {
          Statement: [
            {
              Effect: "Allow",
              Action: "ssm:GetParameters",
              Resource: Array.from({ length: 500 }, (_, index) => `arn:aws:ssm:::parameter/${index}`),
            },
          ],
        };
        return account.make("rolePolicy", { role: id, policy });
      },
    ],
    ["a profile of no role", "NoSuchEntity", () => account.make("instanceProfile", { role: "nobody" })],
    [
      "a second role of a name",
      "EntityAlreadyExists",
      async () => {
        await account.make("role", { name: "twin", assumeRolePolicy: TRUST });
        return account.make("role", { name: "twin", assumeRolePolicy: TRUST });
      },
    ],
    [
      "4097 bytes in a standard parameter",
      "ValidationException",
      () => account.make("parameter", { name: "/a", type: "String", value: "x".repeat(4097) }),
    ],
    [
      "4098 bytes of 2049 characters",
      "ValidationException",
      () => account.make("parameter", { name: "/a", type: "String", value: "é".repeat(2049) }),
    ],
    [
      "8193 bytes in an advanced parameter",
      "ValidationException",
      () => account.make("parameter", { name: "/a", type: "String", tier: "Advanced", value: "x".repeat(8193) }),
    ],
    ["an empty value", "ValidationException", () => account.make("parameter", { name: "/a", type: "String", value: "" })],
    ["a space in a parameter's name", "ValidationException", () => account.make("parameter", { name: "/a b", type: "String", value: "x" })],
    [
      "a name with levels that does not start at the root",
      "ValidationException",
      () => account.make("parameter", { name: "a/b", type: "String", value: "x" }),
    ],
    ["a name of AWS's own", "ValidationException", () => account.make("parameter", { name: "/aws/b", type: "String", value: "x" })],
    [
      "16 levels",
      "HierarchyLevelLimitExceededException",
      () => account.make("parameter", { name: "/l".repeat(16), type: "String", value: "x" }),
    ],
    [
      "a parameter that is there",
      "ParameterAlreadyExists",
      async () => {
        await account.make("parameter", { name: "/a", type: "String", value: "x" });
        return account.make("parameter", { name: "/a", type: "String", value: "y" });
      },
    ],
    [
      "a record in no zone",
      "NoSuchHostedZone",
      () => account.make("record", { zoneId: "Z0", name: "a", type: "A", ttl: 60, records: ["192.0.2.1"] }),
    ],
    [
      "an A record that is no address",
      "InvalidChangeBatch",
      () => account.make("record", { zoneId, name: "a", type: "A", ttl: 60, records: ["192.0.2.256"] }),
    ],
    [
      "an SSHFP record of odd length",
      "InvalidChangeBatch",
      () => account.make("record", { zoneId, name: "a", type: "SSHFP", ttl: 60, records: ["4 2 abc"] }),
    ],
    [
      "a label of 64 characters",
      "InvalidChangeBatch",
      () => account.make("record", { zoneId, name: "a".repeat(64), type: "A", ttl: 60, records: ["192.0.2.1"] }),
    ],
    ["a record without a lifetime", "InvalidInput", () => account.make("record", { zoneId, name: "a", type: "A", records: ["192.0.2.1"] })],
    [
      "a record that is there",
      "InvalidChangeBatch",
      async () => {
        await account.make("record", { zoneId, name: "a", type: "A", ttl: 60, records: ["192.0.2.1"] });
        return account.make("record", { zoneId, name: "a.ssh.example.com", type: "A", ttl: 60, records: ["192.0.2.2"] });
      },
    ],
    [
      "an alias beside an address",
      "InvalidChangeBatch",
      async () => {
        await account.make("record", { zoneId, name: "a", type: "A", ttl: 60, records: ["192.0.2.1"] });
        return account.make("record", { zoneId, name: "a", type: "CNAME", ttl: 60, records: ["b.example.com"] });
      },
    ],
    [
      "an action on the instances of another region",
      "ValidationError",
      () =>
        account.make("metricAlarm", {
          ...alarm,
          dimensions: { InstanceId: "i-0" },
          alarmActions: ["arn:aws:automate:us-east-1:ec2:recover"],
        }),
    ],
    [
      "an action on no instance",
      "ValidationError",
      () => account.make("metricAlarm", { ...alarm, alarmActions: ["arn:aws:automate:eu-central-1:ec2:recover"] }),
    ],
  ])("%s", async (_what, code, make) => {
    expect(await account.refusal(make)).toBe(code);
  });
});
