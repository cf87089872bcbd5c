import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { inputsOf, up } from "../../support/gcp-bastion.ts";
import { EXISTING, GCP_ENGINE, NETWORK_LINK, PROJECT, REGION, SUBNETWORK_LINK } from "../../support/gcp-engine.ts";
import { resourceIn } from "../../support/registered.ts";

const SUBNETWORK = {
  description: "Reverse SSH bastion",
  network: "acme-network-id",
  region: REGION,
  ipCidrRange: "10.255.0.0/28",
  privateIpGoogleAccess: true,
};

test("a network of its own is one subnetwork in the zone's region", async () => {
  expect(await inputsOf("acme-network")).toEqual({ description: "Reverse SSH bastion", autoCreateSubnetworks: false });
  expect(await inputsOf("acme-subnetwork")).toEqual(SUBNETWORK);
});

test("its addresses and its region follow the settings", async () => {
  const changes = { networkCidr: "192.168.7.0/24", zone: "us-central1-f" };
  expect(await inputsOf("acme-subnetwork", changes)).toEqual({ ...SUBNETWORK, ipCidrRange: "192.168.7.0/24", region: "us-central1" });
});

const LINK = "https://www.googleapis.com/compute/v1";
test.each([
  [EXISTING, {}, { name: "prod-eu", region: REGION }],
  [EXISTING, { project: "acme-data-dev" }, { name: "prod-eu", region: REGION, project: "acme-data-dev" }],
  [
    { network: NETWORK_LINK, subnetwork: SUBNETWORK_LINK },
    { project: "acme-data-dev" },
    { name: "prod-eu", region: REGION, project: PROJECT },
  ],
  [
    { network: "prod", subnetwork: `projects/${PROJECT}/regions/${REGION}/subnetworks/prod-eu` },
    {},
    { name: "prod-eu", region: REGION, project: PROJECT },
  ],
])("the existing subnetwork of %j is looked at, and the bastion stands in it", async (place, more, inputs) => {
  const { registered, called, error } = await up({ ...place, ...more });
  expect(error).toBeUndefined();
  expect(called).toContainEqual({ token: "gcp:compute/getSubnetwork:getSubnetwork", inputs });
  expect(resourceIn(registered, "acme-private-ip").inputs.subnetwork).toBe(SUBNETWORK_LINK);
  expect(resourceIn(registered, "acme-allow-ssh").inputs.network).toBe(NETWORK_LINK);
});

test.each([
  ["prod", `${LINK}/projects/${PROJECT}/global/networks/dev`, "dev", "prod"],
  [`projects/host-project/global/networks/prod`, NETWORK_LINK, "prod", "projects/host-project/global/networks/prod"],
])("a subnetwork that is not one of %s is refused with a remedy, in the preview already", async (network, found, actual, given) => {
  const calls = { ...GCP_ENGINE.calls, "gcp:compute/getSubnetwork:getSubnetwork": () => ({ network: found, selfLink: SUBNETWORK_LINK }) };
  for (const preview of [true, false]) {
    const { error, registered } = await up({ ...EXISTING, network }, { calls, preview });
    expect(pulumi.ResourceError.isInstance(error)).toBe(true);
    const { message, hideStack } = error as pulumi.ResourceError;
    const reason = `subnetwork: prod-eu is a subnetwork of ${PROJECT}/${actual}, not of ${given}; give a network and a subnetwork of it`;
    expect([message.endsWith(reason), hideStack]).toEqual([true, true]);
    expect(registered.filter(({ name }) => /-(?:private-ip|instance|allow-.*|deny-rest)$/.test(name))).toEqual([]);
  }
});
