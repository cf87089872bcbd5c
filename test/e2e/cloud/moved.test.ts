import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { World } from "../../cloud/world/world.ts";
import type { CloudSite } from "../support/cloud-site.ts";
import { Deployment, type StackOutputs } from "../support/deployment.ts";
import { Network } from "../support/network.ts";
import { describeAsRoot } from "../support/root.ts";
import { CLOUDS } from "../support/sites.ts";

/** What the customer's file says on every cloud. */
const FILE = {
  tunnels: [
    { name: "orders", destination: "orders-db.acme.internal:5432" },
    { name: "billing", destination: "mysql.acme.internal:3306" },
    { name: "flow", bindAddress: "loopback" },
  ],
  clients: [{ name: "dc1", generateKey: "ed25519" as const, tunnels: ["orders", "billing"] }],
  consumers: [{ name: "flow", generateKey: "rsa-pem" as const, tunnels: ["flow"] }],
};

/** What a customer is given, apart from the host: each cloud has addresses of its own. */
function kitOf({ host, knownHosts, hostKeys, clients, consumers, clientPrivateKeys, consumerPrivateKeys, tunnels }: StackOutputs) {
  const given = { knownHosts, clients, consumers, clientPrivateKeys, consumerPrivateKeys, bindPorts: tunnels.map((each) => each.bindPort) };
  return { hostKeys, kit: JSON.stringify(given).replaceAll(host, "HOST") };
}

describeAsRoot("a customer's file whose target and place are changed", () => {
  const world = World.create(mkdtempSync(join(tmpdir(), "world-")), Object.assign({}, ...CLOUDS.map((cloud) => cloud.seeds())));
  const sites = CLOUDS.map((cloud) => cloud.recordsIn(world));
  const [first, ...others] = sites as [CloudSite, ...CloudSite[]];
  const env = Object.assign({}, ...sites.map((site) => site.env)) as NodeJS.ProcessEnv;
  let network: Network;
  let deployment: Deployment;
  let before: ReturnType<typeof kitOf>;

  /** The providers that have something in the world. */
  const providers = () =>
    Object.entries(world.read().records).flatMap(([type, records]) => (Object.keys(records).length > 0 ? [type.split(":")[0]] : []));

  beforeAll(async () => {
    network = await Network.create();
    deployment = await Deployment.create(network, first.customerFile(FILE), { env });
    before = kitOf(await deployment.up());
  });

  afterAll(async () => {
    await deployment?.remove();
    await first.remove();
    await network?.remove();
  });

  test.each(others.map((site) => [site.customerFile(FILE).target, site] as const))(
    "moves the bastion to %s: the customer's kit differs in the host at most, and nothing of the former one is left",
    async (target, site) => {
      const after = kitOf(await deployment.up(site.customerFile(FILE)));
      expect(after).toEqual(before);
      expect([...new Set(providers())]).toEqual([target === "azure" ? "azure-native" : target]);
    },
    180_000,
  );
});
