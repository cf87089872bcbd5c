import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { AWS } from "../support/aws-site.ts";
import { ECHO, PINNED, Scene } from "../support/bastion-scene.ts";
import { describeWithMachines } from "../support/cloud.ts";
import { CUSTOMER } from "../support/network.ts";
import { waitForEcho } from "../support/platform.ts";
import { waitUntil } from "../support/wait.ts";

/** More than sshd bears with: 5 s of penalty for each, and from 15 s on it shuts an address out. */
const FAILED_LOGINS = 6;
const LOGIN = `-N -T -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=10 -p 2222`;

// What sshd does depends on its version only, so one cloud shows it.
describeWithMachines("an address that a client shares with somebody whose key is wrong", () => {
  let scene: Scene;
  let file: Partial<CustomerFile>;

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => {
        customer.makeKey("wrong");
        file = {
          tunnels: [{ name: "orders", destination: `127.0.0.1:${ECHO}` }],
          clients: [{ name: "dc1", publicKeys: [customer.makeKey("dc1")] }],
        };
        return file;
      },
      { site: AWS.withMachines() },
    );
  });

  afterAll(async () => scene?.remove());

  const logIn = (key: string) => scene.customer.type(`ssh ${PINNED} ${LOGIN} -i ${key} tunnel@${scene.host} true`);
  const failOften = async () => {
    const said: string[] = [];
    for (let i = 0; i < FAILED_LOGINS; i++) said.push((await logIn("wrong")).stderr);
    return said;
  };
  const listener = async () => (await scene.site.run("ss", "-Hltnp", "sport = :2222")).stdout.trim();

  test("is shut out with it, for some time", async () => {
    expect((await failOften())[0]).toContain("Permission denied (publickey)");
    // sshd hangs up before it has said who it is.
    expect((await logIn("dc1")).stderr).toMatch(/^kex_exchange_identification: /);
  });

  test("is never shut out when it is exempt", async () => {
    const former = await listener();
    await scene.up({ ...file, penaltyExemptCidrs: [`${CUSTOMER}/32`] });
    // A new sshd has forgotten what was: it has to bear all of it again.
    await waitUntil("a new sshd", async () => !["", former].includes(await listener()));
    for (const said of await failOften()) expect(said).toContain("Permission denied (publickey)");
    scene.openTunnel("dc1", 15000);
    await waitForEcho(scene.network, scene.host, 15000);
  });
});
