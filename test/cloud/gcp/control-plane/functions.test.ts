import { afterEach, beforeEach, expect, test } from "vitest";
import { addDefaultNetwork } from "./default-network.ts";
import { DEBIAN, UBUNTU } from "./seeds.ts";
import { makeNetwork, REGION, TestProject, ZONE } from "./test-project.ts";
import { TYPE } from "./types.ts";

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => project.dispose());

async function look(name: string, inputs: Readonly<Record<string, unknown>>) {
  const { outputs, problems } = await project.provider.invoke(`gcp:${name}`, inputs);
  expect(problems).toEqual([]);
  return outputs;
}

test.each([
  [DEBIAN, "debian-13", "debian-13-trixie-v20261110"],
  [DEBIAN, "debian-13-arm64", "debian-13-trixie-arm64-v20261110"],
  [DEBIAN, "debian-12", "debian-12-bookworm-v20261110"],
  [UBUNTU, "ubuntu-2404-lts-amd64", "ubuntu-2404-noble-amd64-v20261015"],
])("the newest image of %s's family %s is found", async (owner, family, name) => {
  const selfLink = `https://www.googleapis.com/compute/v1/projects/${owner}/global/images/${name}`;
  expect(await look("compute/getImage:getImage", { project: owner, family })).toMatchObject({ name, selfLink, diskSizeGb: 10 });
});

test("an image is found by its name, and one that is not there is not found", async () => {
  const name = "debian-13-trixie-v20260609";
  expect(await look("compute/getImage:getImage", { project: DEBIAN, name })).toMatchObject({ name, family: "debian-13" });
  expect(await project.refusal(() => look("compute/getImage:getImage", { project: DEBIAN, family: "debian-9" }))).toBe("notFound");
  expect(await project.refusal(() => look("compute/getImage:getImage", { family: "debian-13" }))).toBe("notFound");
});

test("a network and a subnetwork are found by name or by link", async () => {
  const { network, subnetwork } = await makeNetwork(project);
  const { name, selfLink } = subnetwork.state;
  for (const inputs of [{ name, region: REGION }, { name }, { selfLink }])
    expect(await look("compute/getSubnetwork:getSubnetwork", inputs)).toMatchObject({ id: subnetwork.id, network: network.state.selfLink });
  expect(await look("compute/getNetwork:getNetwork", { name: network.state.name })).toMatchObject({
    id: network.id,
    subnetworksSelfLinks: [selfLink],
  });
  expect(await project.refusal(() => look("compute/getSubnetwork:getSubnetwork", { name, region: "us-east1" }))).toBe("notFound");
});

test("a zone is found by its name, or among all of them", async () => {
  const zone = { name: "ssh-example-com", dnsName: "ssh.example.com.", visibility: "public" };
  expect(await look("dns/getManagedZone:getManagedZone", { name: zone.name })).toMatchObject(zone);
  expect((await look("dns/getManagedZones:getManagedZones", {})).managedZones).toMatchObject([zone]);
  expect(await project.refusal(() => look("dns/getManagedZone:getManagedZone", { name: "absent" }))).toBe("notFound");
});

test("who and where one is", async () => {
  expect(await look("organizations/getProject:getProject", {})).toMatchObject({ projectId: "acme-platform", number: "123456789012" });
  expect(await look("organizations/getClientConfig:getClientConfig", {})).toMatchObject({ project: "acme-platform", zone: ZONE });
});

test("the network that Google makes in a new project takes an instance, and lets everybody try port 22", async () => {
  const { network } = await project.world.change((state) => addDefaultNetwork(state, REGION));
  const { state } = await project.make("instance", {
    machineType: "e2-micro",
    bootDisk: { initializeParams: { image: "debian-13" } },
    networkInterfaces: [{ network: "default" }],
  });
  expect(state.networkInterfaces).toMatchObject([{ network: expect.stringContaining(network), networkIp: "10.156.0.2" }]);
  const open = Object.values(project.world.records(TYPE.firewall)).filter(({ sourceRanges }) => String(sourceRanges) === "0.0.0.0/0");
  expect(open.map(({ name }) => name)).toEqual(["default-allow-icmp", "default-allow-rdp", "default-allow-ssh"]);
});
