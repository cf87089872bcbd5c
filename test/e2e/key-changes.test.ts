import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../stacks/customer-file.ts";
import { PINNED, Scene } from "./support/bastion-scene.ts";
import { ChecksummedStream, connectTo, waitForEcho } from "./support/platform.ts";
import { describeOnEverySite } from "./support/sites.ts";

describeOnEverySite("changing clients while another client's tunnel is in use", (site) => {
  let scene: Scene;
  let keys: Record<"steady" | "first" | "second", string>;

  const file = (clients: CustomerFile["clients"], tunnels: CustomerFile["tunnels"] = []): Partial<CustomerFile> => ({
    tunnels: [{ name: "orders", bindPort: 15000 }, { name: "billing", bindPort: 15001 }, ...tunnels],
    clients: [{ name: "steady", publicKeys: [keys.steady], tunnels: ["orders"] }, ...clients],
  });

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => {
        keys = { steady: customer.makeKey("steady"), first: customer.makeKey("first"), second: customer.makeKey("second") };
        return file([]);
      },
      { site },
    );
    scene.openTunnel("steady", 15000);
    await waitForEcho(scene.network, scene.host, 15000);
  });

  afterAll(async () => scene?.remove());

  test("a client is added, changed, narrowed, expired and removed, and not a byte of the other one is lost", async () => {
    const stream = await ChecksummedStream.start(scene.network, scene.host, 15000);

    expect(await logInFails("first")).toBe(true);
    await scene.up(file([{ name: "moving", publicKeys: [keys.first], tunnels: ["billing"] }]));
    const added = await scene.openTunnelOnceAllowed("first", 15001);

    await scene.up(file([{ name: "moving", publicKeys: [keys.second], tunnels: ["billing"] }]));
    await added.ended();
    expect(await logInFails("first")).toBe(true);
    const changed = await scene.openTunnelOnceAllowed("second", 15001);

    await scene.up(file([{ name: "moving", publicKeys: [keys.second], tunnels: ["billing"] }], [{ name: "extra", bindPort: 15002 }]));
    expect(changed.isRunning, "a new tunnel of somebody else's ends nothing").toBe(true);
    await scene.up(file([{ name: "moving", publicKeys: [keys.second], tunnels: ["extra"] }], [{ name: "extra", bindPort: 15002 }]));
    await changed.ended();
    const narrowed = await scene.openTunnelOnceAllowed("second", 15002);

    await scene.up(
      file(
        [{ name: "moving", publicKeys: [keys.second], tunnels: ["extra"], expiresAt: "2020-01-01" }],
        [{ name: "extra", bindPort: 15002 }],
      ),
    );
    await narrowed.ended();
    expect(await logInFails("second")).toBe(true);

    await scene.up(file([{ name: "moving", publicKeys: [keys.second], tunnels: ["billing"] }]));
    const restored = await scene.openTunnelOnceAllowed("second", 15001);
    await scene.up(file([]));
    await restored.ended();
    expect(await connectTo(scene.network, scene.host, 15001)).toBe("refused");
    expect(await logInFails("second")).toBe(true);

    const result = await stream.finish();
    expect(result).toEqual({ sent: result.sent, received: result.sent, identical: true });
    expect(result.sent).toBeGreaterThan(1_000_000);
  });

  test("a key that expires while its tunnel is open ends the tunnel at that moment", async () => {
    const soon = new Date((Math.ceil(Date.now() / 1000) + 40 + site.inForceSeconds) * 1000);
    await scene.up(
      file([{ name: "guest", publicKeys: [keys.first], tunnels: ["billing"], expiresAt: `${soon.toISOString().slice(0, 19)}Z` }]),
    );
    const guest = await scene.openTunnelOnceAllowed("first", 15001);
    expect(Date.now()).toBeLessThan(soon.getTime());
    await guest.ended();
    expect(Date.now()).toBeGreaterThanOrEqual(soon.getTime());
    expect(await logInFails("first")).toBe(true);
  });

  async function logInFails(key: string): Promise<boolean> {
    const { stderr } = await scene.customer.type(
      `ssh ${PINNED} -N -o IdentitiesOnly=yes -o BatchMode=yes -o ExitOnForwardFailure=yes -i ${key} -p 2222 -R 0.0.0.0:15999:127.0.0.1:1 tunnel@${scene.host}`,
    );
    return stderr.includes("Permission denied (publickey)");
  }
});
