import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { awsSeeds } from "../../cloud/aws/control-plane/seeds.ts";
import {
  ADDRESS,
  ASK_METADATA,
  ECHO,
  ECHO_PROGRAM,
  ECHO_UNIT,
  type MachineScene,
  type RunningMachine,
  START_ECHO,
} from "./machine-scene.ts";
import { CUSTOMER } from "./network.ts";

const INSTANCE = "i-0123456789abcdef0";
const READ_PARAMETERS = resolve(import.meta.dirname, "../../cloud/aws/data-plane/read-parameters.py");
const READER = ["python3", "/root/read-parameters.py", "eu-central-1"];

const USER_DATA = `#cloud-config
${JSON.stringify({
  write_files: [
    { path: "/usr/local/bin/echo-server", permissions: "0755", content: ECHO_PROGRAM },
    { path: "/etc/systemd/system/echo@.service", content: ECHO_UNIT },
    { path: "/root/read-parameters.py", content: readFileSync(READ_PARAMETERS, "utf8") },
  ],
  runcmd: ["echo configured >> /root/configured", START_ECHO],
})}
`;

const rule = (port: number, cidrIpv4: string) => ({ securityGroupId: "sg-1", ipProtocol: "tcp", fromPort: port, toPort: port, cidrIpv4 });
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

/** An instance of EC2, configured by cloud-init. */
export const AWS_MACHINE: MachineScene = {
  cloud: "AWS",
  instance: INSTANCE,
  seeds: awsSeeds(),
  records: {
    "aws:ec2/instance:Instance": {
      [INSTANCE]: {
        availabilityZone: "eu-central-1a",
        primaryNetworkInterface: { networkInterfaceId: "eni-1" },
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        iamInstanceProfile: "profile",
        userData: USER_DATA,
      },
    },
    "aws:ec2/networkInterface:NetworkInterface": {
      "eni-1": { privateIp: "10.0.1.10", privateIps: ["10.0.1.10"], securityGroups: ["sg-1"] },
    },
    "aws:ec2/eip:Eip": { "eipalloc-1": { allocationId: "eipalloc-1", publicIp: ADDRESS } },
    "aws:ec2/eipAssociation:EipAssociation": { "eipassoc-1": { allocationId: "eipalloc-1", networkInterfaceId: "eni-1" } },
    [INGRESS]: { "sgr-1": rule(22, `${CUSTOMER}/32`), "sgr-2": rule(ECHO, `${CUSTOMER}/32`) },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": { "sgr-3": rule(443, "0.0.0.0/0") },
    "aws:iam/instanceProfile:InstanceProfile": { profile: { name: "profile", role: "reader" } },
    "aws:iam/rolePolicy:RolePolicy": {
      reader: {
        role: "reader",
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "ssm:GetParameters", Resource: "arn:aws:ssm:eu-central-1:*:parameter/bastion/acme/*" }],
        }),
      },
    },
    "aws:ssm/parameter:Parameter": {
      "/bastion/acme/host-keys": { name: "/bastion/acme/host-keys", type: "SecureString", value: "a secret" },
      "/bastion/other/host-keys": { name: "/bastion/other/host-keys", type: "SecureString", value: "not ours" },
    },
  },
  echoRule: { type: INGRESS, id: "sgr-2", from: (cidrIpv4) => ({ cidrIpv4 }) },
  timesConfigured: () => 1,
  readSecret: [...READER, "/bastion/acme/host-keys"],
  printed: { secret: /^200\n.*"a secret"/, throttled: /ThrottlingException/ },
};

/** What only an instance of EC2 has. */
export function testAwsMachine({ inside }: RunningMachine): void {
  const readParameters = async (names: readonly string[], ...env: readonly string[]) => {
    const [status, body] = (await inside("env", ...env, ...READER, ...names)).split("\n");
    return { status: Number(status), body: body ?? "" };
  };

  test("is configured by cloud-init from the metadata service of EC2, without a failure", async () => {
    const { detail, errors, recoverable_errors } = JSON.parse(await inside("cloud-init", "status", "--wait", "--format=json")) as Record<
      string,
      unknown
    >;
    expect({ detail, errors, recoverable_errors }).toEqual({ detail: "DataSourceEc2Local", errors: [], recoverable_errors: {} });
    expect(await inside("cloud-init", "query", "instance_id")).toBe(INSTANCE);
  });

  test("gets nothing from the metadata service without a token, nor for somebody else", async () => {
    const ask = (...args: readonly string[]) => inside("python3", "-c", ASK_METADATA, ...args).then((answer) => answer.slice(0, 3));
    expect(await ask("GET", "/latest/meta-data/instance-id")).toBe("401");
    expect(await ask("PUT", "/latest/api/token")).toBe("400");
    expect(await ask("PUT", "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds: 60")).toBe("200");
    expect(await ask("PUT", "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds: 60", "X-Forwarded-For: 10.0.0.1")).toBe("403");
  });

  test("reads the parameters that its role may read, and no others", async () => {
    const allowed = await readParameters(["/bastion/acme/host-keys", "/bastion/acme/absent"]);
    const { Parameters: found, InvalidParameters: absent } = JSON.parse(allowed.body) as Record<string, { Name: string; Value: string }[]>;
    expect(found?.map(({ Name, Value }) => ({ Name, Value }))).toEqual([{ Name: "/bastion/acme/host-keys", Value: "a secret" }]);
    expect(absent).toEqual(["/bastion/acme/absent"]);
    expect((await readParameters(["/bastion/other/host-keys"])).body).toContain("AccessDeniedException");
    expect((await readParameters(["/bastion/acme/host-keys"], "SKEW=-400")).body).toMatch(/InvalidSignatureException.*Signature expired/);
  });
}
