import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../../plugin/values.ts";
import type { Made } from "../../../world/provider/direct-provider.ts";
import { makeNetwork, type TestNetwork, TestProject } from "../test-project.ts";

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => project.dispose());

const subnetwork = (network: Made, parts: Properties) =>
  project.make("subnetwork", { network: network.id, ipCidrRange: "10.30.0.0/24", ...parts });
const twice = async (make: () => Promise<Made>) => {
  await make();
  return make();
};

describe("GCP refuses of a network", () => {
  test.each<[string, string, (made: TestNetwork) => Promise<Made>]>([
    [
      "a second network of a name",
      "alreadyExists",
      () => twice(() => project.make("network", { name: "twin", autoCreateSubnetworks: false })),
    ],
    ["a project of somebody else", "forbidden", () => project.make("network", { project: "other", autoCreateSubnetworks: false })],
    ["a subnetwork of no network", "invalid", () => project.make("subnetwork", { network: "absent", ipCidrRange: "10.30.0.0/24" })],
    ["a region there is not", "invalid", ({ network }) => subnetwork(network, { region: "europe-west99" })],
    ["bits of a host in a range", "invalid", ({ network }) => subnetwork(network, { ipCidrRange: "10.30.0.1/24" })],
    ["a range of /30", "invalid", ({ network }) => subnetwork(network, { ipCidrRange: "10.30.0.0/30" })],
    ["ranges that overlap", "badRequest", ({ network }) => subnetwork(network, { ipCidrRange: "10.20.0.128/25" })],
    ["a second address of a name", "alreadyExists", () => twice(() => project.make("address", { name: "twin" }))],
    [
      "a tier of an internal address",
      "invalid",
      (made) => project.make("address", { addressType: "INTERNAL", subnetwork: made.subnetwork.id, networkTier: "PREMIUM" }),
    ],
    ["a subnetwork of an external address", "invalid", (made) => project.make("address", { subnetwork: made.subnetwork.id })],
    ["an internal address of no subnetwork", "invalid", () => project.make("address", { addressType: "INTERNAL" })],
    [
      "an internal address of another region",
      "invalid",
      (made) => project.make("address", { addressType: "INTERNAL", subnetwork: made.subnetwork.id, region: "us-east1" }),
    ],
    ["an address outside of the range", "badRequest", (made) => internal(made, "10.99.0.5")],
    ["an address that Google keeps", "badRequest", (made) => internal(made, "10.20.0.254")],
    ["an address that is reserved", "IP_IN_USE_BY_ANOTHER_RESOURCE", (made) => twice(() => internal(made, "10.20.0.9"))],
  ])("%s", async (_what, code, make) => {
    const made = await makeNetwork(project);
    expect(await project.refusal(() => make(made))).toBe(code);
  });

  test.each([
    ["a capital letter in a value", { owner: "Jane" }],
    ["a space in a value", { owner: "jane doe" }],
    ["a capital letter in a key", { Owner: "jane" }],
    ["a digit before a key", { "1st": "jane" }],
    ["a value of 64 characters", { owner: "j".repeat(64) }],
    ["65 labels", Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, "v"]))],
  ])("a label with %s", async (_what, labels) => {
    expect(await project.refusal(() => project.make("address", { labels }))).toBe("invalid");
    expect(await project.refusal(() => project.make("secret", { labels, replication: { auto: {} } }))).toBe("invalid");
  });
});

const internal = (made: TestNetwork, address: string) =>
  project.make("address", { addressType: "INTERNAL", subnetwork: made.subnetwork.id, address });

describe("GCP refuses of a rule", () => {
  test.each<[string, string, Properties]>([
    ["bits of a host", "invalid", { sourceRanges: ["10.1.2.3/16"] }],
    ["both families at once", "invalid", { sourceRanges: ["198.51.100.0/24", "2001:db8::/32"] }],
    ["port 70000", "invalid", { allows: [{ protocol: "tcp", ports: ["70000"] }] }],
    ["a range upside down", "invalid", { allows: [{ protocol: "tcp", ports: ["23-22"] }] }],
    ["ports of every protocol", "invalid", { allows: [{ protocol: "all", ports: ["22"] }] }],
    ["a protocol of nobody's", "invalid", { allows: [{ protocol: "bogus" }] }],
    ["a tag with a capital letter", "invalid", { targetTags: ["Bastion"] }],
    ["11 accounts", "invalid", { targetServiceAccounts: Array.from({ length: 11 }, (_, index) => `a${index}@b`) }],
    ["a network there is not", "invalid", { network: "absent" }],
  ])("%s", async (_what, code, parts) => {
    const { network } = await makeNetwork(project);
    const rule = { network: network.id, sourceRanges: ["198.51.100.0/24"], allows: [{ protocol: "tcp", ports: ["2222", "15000-15999"] }] };
    const made = await project.make("firewall", rule);
    expect(await project.refusal(() => project.make("firewall", { ...rule, ...parts }))).toBe(code);
    if (parts.network === undefined)
      expect(await project.refusal(() => project.update("firewall", made, { ...rule, ...parts }))).toBe(code);
  });
});

describe("GCP refuses to remove", () => {
  test.each<[string, (made: TestNetwork) => Promise<void>]>([
    ["a network with a subnetwork", ({ network }) => project.remove("network", network)],
    [
      "a subnetwork with an address",
      async (made) => {
        await internal(made, "10.20.0.9");
        await project.remove("subnetwork", made.subnetwork);
      },
    ],
    [
      "a network with a rule",
      async ({ network, subnetwork }) => {
        await project.make("firewall", { network: network.id, sourceRanges: ["::/0"], allows: [{ protocol: "all" }] });
        await project.remove("subnetwork", subnetwork);
        await project.remove("network", network);
      },
    ],
  ])("%s", async (_what, remove) => {
    const made = await makeNetwork(project);
    expect(await project.refusal(() => remove(made))).toBe("resourceInUseByAnotherResource");
  });

  test("nothing once nothing is in it", async () => {
    const { network, subnetwork, account } = await makeNetwork(project);
    await project.remove("subnetwork", subnetwork);
    await project.remove("network", network);
    await project.remove("serviceAccount", account);
    expect(project.world.read().records).toEqual({});
  });
});
