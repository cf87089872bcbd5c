import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { gcpSeeds } from "../../cloud/gcp/control-plane/seeds.ts";
import { TYPE } from "../../cloud/gcp/control-plane/types.ts";
import { ED25519_A, ED25519_B } from "../../support/keys.ts";
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
import { waitUntil } from "./wait.ts";

const PROJECT = "projects/acme-platform";
const LINK = `https://www.googleapis.com/compute/v1/${PROJECT}`;
const NETWORK = `${LINK}/global/networks/net`;
const INSTANCE = "1234567890123456789";
const INSTANCE_ID = `${PROJECT}/zones/europe-west3-a/instances/bastion`;
const ACCOUNT = "bastion@acme-platform.iam.gserviceaccount.com";
const SECRETS = "projects/123456789012/secrets";
const READ_SECRET = readFileSync(resolve(import.meta.dirname, "../../cloud/gcp/data-plane/read-secret.py"), "utf8");
const READER = ["python3", "/root/read-secret.py", "acme-platform"];

const STARTUP_SCRIPT = `#!/bin/sh
set -eu
cat >/usr/local/bin/echo-server <<'PROGRAM'
${ECHO_PROGRAM}PROGRAM
chmod 755 /usr/local/bin/echo-server
cat >/etc/systemd/system/echo@.service <<'UNIT'
${ECHO_UNIT}UNIT
cat >/root/read-secret.py <<'PROGRAM'
${READ_SECRET}PROGRAM
echo configured >>/root/configured
${START_ECHO.join(" ")}
`;

const rule = (port: number | undefined, priority: number, block: string, verdict: "allows" | "denies" = "allows") => ({
  network: NETWORK,
  direction: "INGRESS",
  priority,
  [verdict]: [port === undefined ? { protocol: "all" } : { protocol: "tcp", ports: [`${port}`] }],
  sourceRanges: [block],
  targetServiceAccounts: [ACCOUNT],
});

const CARD = { network: NETWORK, subnetwork: `${LINK}/regions/europe-west3/subnetworks/net`, networkIp: "10.20.0.2" };
const EXTERNAL = [{ natIp: ADDRESS, networkTier: "PREMIUM" }];

/** An instance of Compute Engine, configured by a startup script: by every start of it again. */
export const GCP_MACHINE: MachineScene = {
  cloud: "GCP",
  instance: INSTANCE,
  seeds: gcpSeeds({
    projectMetadata: { "ssh-keys": `mallory:${ED25519_A.line}` },
    osLoginUsers: [{ username: "jane_example_com", uid: 4711, publicKeys: [ED25519_B.line], isAdmin: true }],
  }),
  records: {
    [TYPE.network]: { [`${PROJECT}/global/networks/net`]: { name: "net", selfLink: NETWORK } },
    [TYPE.subnetwork]: {
      [`${PROJECT}/regions/europe-west3/subnetworks/net`]: {
        ipCidrRange: "10.20.0.0/24",
        gatewayAddress: "10.20.0.1",
        network: NETWORK,
        region: "europe-west3",
      },
    },
    [TYPE.instance]: {
      [INSTANCE_ID]: {
        name: "bastion",
        instanceId: INSTANCE,
        machineType: "e2-micro",
        zone: "europe-west3-a",
        bootDisk: { initializeParams: { image: `${LINK}/global/images/debian-13-trixie-v20261110` } },
        networkInterfaces: [{ ...CARD, accessConfigs: EXTERNAL }],
        metadata: {
          "startup-script": STARTUP_SCRIPT,
          "block-project-ssh-keys": "TRUE",
          "enable-oslogin": "FALSE",
          "ssh-keys": `admin:${ED25519_B.line}`,
        },
        serviceAccount: { email: ACCOUNT, scopes: ["https://www.googleapis.com/auth/cloud-platform"] },
      },
    },
    [TYPE.firewall]: {
      ssh: rule(22, 900, `${CUSTOMER}/32`),
      echo: rule(ECHO, 900, `${CUSTOMER}/32`),
      "deny-all": rule(undefined, 1000, "0.0.0.0/0", "denies"),
      // As a network of Google's own making has it: nobody asked for it, and it must not count.
      "default-allow-all": rule(undefined, 65534, "0.0.0.0/0"),
    },
    [TYPE.serviceAccount]: { [`${PROJECT}/serviceAccounts/${ACCOUNT}`]: { email: ACCOUNT } },
    [TYPE.secret]: {
      [`${PROJECT}/secrets/host-keys`]: { name: `${SECRETS}/host-keys`, lastVersion: 2 },
      [`${PROJECT}/secrets/other`]: { name: `${SECRETS}/other`, lastVersion: 1 },
      [`${PROJECT}/secrets/empty`]: { name: `${SECRETS}/empty`, lastVersion: 0 },
    },
    [TYPE.secretVersion]: {
      [`${SECRETS}/host-keys/versions/2`]: { secretData: "a secret" },
      [`${SECRETS}/other/versions/1`]: { secretData: "not ours" },
    },
    [TYPE.secretIamMember]: Object.fromEntries(
      ["host-keys", "empty"].map((secret) => [
        secret,
        { secretId: `${PROJECT}/secrets/${secret}`, role: "roles/secretmanager.secretAccessor", member: `serviceAccount:${ACCOUNT}` },
      ]),
    ),
  },
  echoRule: { type: TYPE.firewall, id: "echo", from: (block) => ({ sourceRanges: [block] }) },
  timesConfigured: (starts) => starts,
  readSecret: [...READER, "host-keys"],
  // "a secret", as base64.
  printed: { secret: /^200\n.*"YSBzZWNyZXQ="/, throttled: /^429\n.*RESOURCE_EXHAUSTED/ },
};

/** What only an instance of Compute Engine has. */
export function testGcpMachine({ world, inside }: RunningMachine): void {
  const ask = async (path: string, ...headers: readonly string[]) => {
    const lines = (await inside("python3", "-c", ASK_METADATA, "GET", `/computeMetadata/v1/${path}`, ...headers)).split("\n");
    const etag = lines.length > 1 ? lines.pop() : "";
    const [status, ...body] = lines.join("\n").split(" ");
    return { status, body: body.join(" ").trim(), etag };
  };
  const GOOGLE = "Metadata-Flavor: Google";
  const setMetadata = (change: Readonly<Record<string, string>>) =>
    world.change(({ records }) => {
      Object.assign(records[TYPE.instance]?.[INSTANCE_ID]?.metadata as object, change);
    });

  test("has no cloud-init, and a name and an interface as Google gives them", async () => {
    expect(await inside("cloud-init", "status")).toContain("disabled");
    expect(await inside("sh", "-c", "hostname; hostname --fqdn; ls /sys/class/net")).toBe(
      "bastion\nbastion.europe-west3-a.c.acme-platform.internal\nens4\nlo",
    );
  });

  test("reads its metadata with the header of Google, and not for somebody else", async () => {
    expect((await ask("instance/name")).status).toBe("403");
    expect((await ask("instance/name", GOOGLE, "X-Forwarded-For: 10.0.0.1")).status).toBe("403");
    expect((await ask("instance/name", "Host: attacker.example", GOOGLE)).status).toBe("403");
    expect(await ask("instance/name", GOOGLE)).toMatchObject({ status: "200", body: "bastion" });
    expect((await ask("instance/attributes", GOOGLE)).status).toBe("301");
    expect((await ask("instance/attributes/absent", GOOGLE)).status).toBe("404");
    expect((await ask("instance/attributes/", GOOGLE)).body.split("\n")).toEqual([
      "startup-script",
      "block-project-ssh-keys",
      "enable-oslogin",
      "ssh-keys",
    ]);
    expect(await ask("instance/attributes/enable-oslogin?alt=json", GOOGLE)).toMatchObject({ body: '"FALSE"' });
    expect(await ask("instance/service-accounts/default/email", GOOGLE)).toMatchObject({ body: ACCOUNT });
    const { body } = await ask("instance/network-interfaces/?recursive=true", GOOGLE);
    expect(JSON.parse(body)).toMatchObject([{ ip: "10.20.0.2", gateway: "10.20.0.1", accessConfigs: [{ externalIp: ADDRESS }] }]);
    expect(JSON.parse((await ask("project/?recursive=true", GOOGLE)).body)).toMatchObject({ projectId: "acme-platform" });
  });

  test("is told of a change at once when it waits for one, and otherwise when its time is up", async () => {
    const path = "instance/attributes/?recursive=true&wait_for_change=true";
    const { etag: first } = await ask("instance/attributes/?recursive=true", GOOGLE);
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(await ask(`${path}&last_etag=${first}&timeout_sec=1`, GOOGLE)).toMatchObject({ status: "200", etag: first });
    const told = ask(`${path}&last_etag=${first}&timeout_sec=30`, GOOGLE);
    await setMetadata({ mailbox: "new" });
    const { body, etag } = await told;
    expect(JSON.parse(body)).toMatchObject({ mailbox: "new" });
    expect(etag).not.toBe(first);
  });

  test("reads the secrets that its service account may read, and no others", async () => {
    const read = (secret: string, ...env: readonly string[]) => inside("env", ...env, ...READER, ...secret.split("@"));
    const found = JSON.parse((await read("host-keys")).split("\n")[1] ?? "");
    expect(found).toEqual({ name: `${SECRETS}/host-keys/versions/2`, payload: { data: "YSBzZWNyZXQ=", dataCrc32c: "140104572" } });
    expect(await read("host-keys@1")).toMatch(/^400\n.*DESTROYED/);
    expect(await read("host-keys@3")).toMatch(/^404\n.*NOT_FOUND/);
    expect(await read("empty")).toMatch(/^404\n.*has no versions/);
    expect(await read("other")).toMatch(/^403\n.*'secretmanager.versions.access' denied.*PERMISSION_DENIED/);
    expect(await read("absent")).toMatch(/^403\n.*PERMISSION_DENIED/);
    expect(await read("host-keys", "TOKEN=")).toMatch(/^401\n.*UNAUTHENTICATED/);
    expect(await read("host-keys", "TOKEN=forged")).toMatch(/^401\n.*UNAUTHENTICATED/);
  });

  test("gives keys in the instance's metadata a login that may become root, and none to those of the project", async () => {
    await waitUntil("the admin", async () => (await inside("id", "-nG", "admin")).includes("google-sudoers"));
    expect(await inside("cat", "/home/admin/.ssh/authorized_keys")).toBe(`# Added by Google\n${ED25519_B.line}`);
    expect(await inside("sudo", "-u", "admin", "sudo", "-n", "id", "-un")).toBe("root");
    expect(await inside("getent", "passwd", "mallory")).toBe("");
  });

  test("has OS Login in front of everything in sshd's configuration while that is on", async () => {
    const config = () => inside("head", "-1", "/etc/ssh/sshd_config");
    const effective = async (keyword: string) => (await inside("sh", "-c", `sshd -T 2>/dev/null | grep '^${keyword} '`)) as string;
    const before = await config();
    expect(await effective("kexalgorithms")).toContain("diffie-hellman-group14-sha1");
    await setMetadata({ "enable-oslogin": "TRUE" });
    await waitUntil("OS Login", async () => (await config()).includes("Google OS Login control"));
    expect(await effective("authorizedkeyscommand")).toBe("authorizedkeyscommand /usr/bin/google_authorized_keys");
    await waitUntil("the keys of metadata to go", async () => (await inside("cat", "/home/admin/.ssh/authorized_keys")) === "");
    expect(await inside("google_authorized_keys", "jane_example_com")).toBe(ED25519_B.line);
    expect(await inside("google_authorized_keys", "admin")).toBe("");
    await setMetadata({ "enable-oslogin": "FALSE" });
    await waitUntil("OS Login to be off", async () => (await config()) === before);
  });

  test("reaches Google's services without an external address only where its subnetwork lets it", async () => {
    const withAddress = (accessConfigs: readonly object[]) =>
      world.alter(TYPE.instance, INSTANCE_ID, { networkInterfaces: [{ ...CARD, accessConfigs }] });
    const subnetwork = `${PROJECT}/regions/europe-west3/subnetworks/net`;
    const reads = async () => (await inside(...READER, "host-keys")).slice(0, 3) === "200";
    await withAddress([]);
    await waitUntil("Google's services to be out of reach", async () => !(await reads()));
    await world.alter(TYPE.subnetwork, subnetwork, { privateIpGoogleAccess: true });
    await waitUntil("Google's services to be within reach", reads);
    await withAddress(EXTERNAL);
    await world.alter(TYPE.subnetwork, subnetwork, { privateIpGoogleAccess: undefined });
    await waitUntil("Google's services to be within reach", reads);
  });
}
