import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { World, type WorldRecord } from "../../cloud/world/world.ts";
import { PrivateLinkFabric } from "../support/private-link-fabric.ts";
import { describeAsRoot } from "../support/root.ts";
import { waitUntil } from "../support/wait.ts";

const PORT = 5432;
const INTERVAL_SECONDS = 5;
const PLATFORM = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/platform/providers/Microsoft.Network";
const CUSTOMER = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/acme/providers/Microsoft.Network";
const CONSUMER = `${PLATFORM}/networkInterfaces/consumer`;
const [FIRST, SECOND] = [`${CUSTOMER}/networkInterfaces/db1`, `${CUSTOMER}/networkInterfaces/db2`] as const;
const ENDPOINT = `${PLATFORM}/privateEndpoints/acme`;
const SERVICE = `${CUSTOMER}/privateLinkServices/db`;
const BALANCER = `${CUSTOMER}/loadBalancers/db`;
const RULE = `${BALANCER}/loadBalancingRules/postgres`;
const POOL = `${BALANCER}/backendAddressPools/db`;
const FRONTEND = `${BALANCER}/frontendIPConfigurations/inside`;

/** Both networks have the same addresses, as networks of two owners may. */
const [CONSUMER_SUBNET, SERVICE_SUBNET, NAT_SUBNET] = [
  `${PLATFORM}/virtualNetworks/platform/subnets/main`,
  `${CUSTOMER}/virtualNetworks/acme/subnets/main`,
  `${CUSTOMER}/virtualNetworks/acme/subnets/nat`,
] as const;

function networkInterface(subnet: string, address: string, more: WorldRecord = {}, configuration: WorldRecord = {}): WorldRecord {
  return { ...more, ipConfigurations: [{ name: "main", privateIPAddress: address, subnet: { id: subnet }, ...configuration }] };
}

const inPool = { loadBalancerBackendAddressPools: [{ id: POOL }] };
const connection = (status: string) => [{ name: "acme", privateLinkServiceConnectionState: { status } }];

const RECORDS = {
  "azure-native:network:NetworkInterface": {
    [CONSUMER]: networkInterface(CONSUMER_SUBNET, "10.0.0.5"),
    [FIRST]: networkInterface(SERVICE_SUBNET, "10.0.0.5", {}, inPool),
    [SECOND]: networkInterface(SERVICE_SUBNET, "10.0.0.6", {}, inPool),
    [`${ENDPOINT}.nic`]: networkInterface(CONSUMER_SUBNET, "10.0.0.9", { privateEndpoint: { id: ENDPOINT } }),
    [`${SERVICE}.nic`]: {
      privateLinkService: { id: SERVICE },
      ipConfigurations: ["10.0.1.4", "10.0.1.5"].map((privateIPAddress) => ({ privateIPAddress, subnet: { id: NAT_SUBNET } })),
    },
  },
  "azure-native:network:LoadBalancer": {
    [BALANCER]: {
      frontendIPConfigurations: [{ id: FRONTEND, name: "inside", privateIPAddress: "10.0.0.4", subnet: { id: SERVICE_SUBNET } }],
      probes: [{ id: `${BALANCER}/probes/postgres`, protocol: "Tcp", port: PORT, intervalInSeconds: INTERVAL_SECONDS, probeThreshold: 1 }],
      loadBalancingRules: [
        {
          id: RULE,
          frontendPort: 15432,
          backendPort: PORT,
          frontendIPConfiguration: { id: FRONTEND },
          backendAddressPools: [{ id: POOL }],
          probe: { id: `${BALANCER}/probes/postgres` },
        },
      ],
    },
  },
  "azure-native:network:PrivateLinkService": {
    [SERVICE]: {
      ipConfigurations: [{ name: "nat-1", subnet: { id: NAT_SUBNET } }],
      networkInterfaces: [{ id: `${SERVICE}.nic` }],
      loadBalancerFrontendIpConfigurations: [{ id: FRONTEND }],
      privateEndpointConnections: [{ privateEndpoint: { id: ENDPOINT.toUpperCase() } }],
    },
  },
  "azure-native:network:PrivateEndpoint": {
    [ENDPOINT]: {
      subnet: { id: CONSUMER_SUBNET },
      networkInterfaces: [{ id: `${ENDPOINT}.nic` }],
      manualPrivateLinkServiceConnections: connection("Pending"),
    },
  },
};

interface Answer {
  readonly from: string;
  readonly name: string;
  readonly isIntact: boolean;
  /** Who connected and sent nothing, as probes do. */
  readonly silent: readonly string[];
}

describeAsRoot("the stand-in's private links", () => {
  let folder: string;
  let world: World;
  let fabric: PrivateLinkFabric;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "private-link-"));
    world = World.create(join(folder, "world"));
    await world.change((state) => Object.assign(state.records, RECORDS));
    fabric = await PrivateLinkFabric.start(world);
  });

  afterAll(async () => {
    await fabric?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const become = (status: string) =>
    world.alter("azure-native:network:PrivateEndpoint", ENDPOINT, { manualPrivateLinkServiceConnections: connection(status) });
  const send = (port: number, bytes = 1000) =>
    fabric.run(CONSUMER, "private-link-checksum-client.ts", "10.0.0.9", `${port}`, `${bytes}`, "2");
  const sendUntil = (what: string, isIt: (printed: string) => boolean) =>
    waitUntil(what, async () => {
      const printed = await send(15432);
      return isIt(printed) && printed;
    });
  const names = async (count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, () => send(15432)));
    return [...new Set(answers.map((answer) => (answer.startsWith("{") ? (JSON.parse(answer) as Answer).name : answer)))].sort();
  };

  test("a backend that does not listen is down", async () => {
    const health = await fabric.waitForBackends(RULE, 0);
    expect(health).toEqual({
      up: 0,
      down: 2,
      loadBalancerBackendAddresses: [
        { ipAddress: "10.0.0.5", networkInterfaceIPConfigurationId: `${FIRST}/ipConfigurations/main`, state: "Down" },
        { ipAddress: "10.0.0.6", networkInterfaceIPConfigurationId: `${SECOND}/ipConfigurations/main`, state: "Down" },
      ],
    });
  });

  test("a backend is up once it takes the probe's connection", async () => {
    await fabric.start(SECOND, "private-link-checksum-server.ts", "10.0.0.6", `${PORT}`, "db2");
    const health = await fabric.waitForBackends(RULE, 1);
    expect(health.loadBalancerBackendAddresses.map(({ state }) => state)).toEqual(["Down", "Up"]);
  });

  test("nothing passes while the connection is pending", async () => {
    expect(await send(15432)).toBe("timeout");
  });

  test("once it is approved, bytes arrive intact, from a NAT address, at the backend that is up; probes come from Azure's own", async () => {
    await become("Approved");
    await sendUntil("an answer", (printed) => printed.startsWith("{"));
    const answer = JSON.parse(await send(15432, 2_000_000)) as Answer;
    expect(answer).toMatchObject({ name: "db2", isIntact: true, silent: ["168.63.129.16"] });
    expect(["10.0.1.4", "10.0.1.5"]).toContain(answer.from);
    expect(await names(10)).toEqual(["db2"]);
  });

  test("a port without a rule has no answer", async () => {
    expect(await send(PORT)).toBe("timeout");
  });

  test("two backends share the connections; one that stops gets none once the probe has found out", async () => {
    const server = await fabric.start(FIRST, "private-link-checksum-server.ts", "10.0.0.5", `${PORT}`, "db1");
    await fabric.waitForBackends(RULE, 2);
    await waitUntil("both to answer", async () => (await names(10)).join() === "db1,db2");
    await server.stop();
    await fabric.waitForBackends(RULE, 1);
    await waitUntil("only the other to answer", async () => (await names(10)).join() === "db2");
  });

  test.each(["Rejected", "Disconnected"])("a connection that is %s passes nothing, and does again once it is approved", async (status) => {
    await become(status);
    await sendUntil("a time-out", (printed) => printed === "timeout");
    await become("Approved");
    await sendUntil("an answer", (printed) => printed.startsWith("{"));
  });

  test("an endpoint that is removed has no address any more", async () => {
    await world.forget("azure-native:network:PrivateEndpoint", ENDPOINT);
    await sendUntil("a time-out", (printed) => printed === "timeout");
  });
});
