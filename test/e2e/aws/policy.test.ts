import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { ED25519_A } from "../../support/keys.ts";
import { AWS, type AwsSite } from "../support/aws-site.ts";
import { Deployment } from "../support/deployment.ts";
import { Network } from "../support/network.ts";
import { describeAsRoot } from "../support/root.ts";

const POLICY = resolve(import.meta.dirname, "../../../docs/aws-policy.json");

interface Policy {
  readonly Statement: readonly { readonly Effect: string; readonly Action: readonly string[] }[];
}

describeAsRoot("what `pulumi up` has to be allowed on AWS", () => {
  let network: Network;
  let site: AwsSite;
  let deployment: Deployment;

  beforeAll(async () => {
    network = await Network.create();
    site = await AWS.records.prepare(network);
    deployment = await Deployment.create(network, everything({}), { env: site.env });
  });

  afterAll(async () => {
    await deployment?.remove();
    await site?.remove();
    await network?.remove();
  });

  function everything(aws: CustomerFile["aws"], parts: Partial<CustomerFile> = {}): CustomerFile {
    return site.customerFile({
      tunnels: [{ name: "orders" }],
      clients: [{ name: "dc1", generateKey: "ed25519" }],
      dns: { zone: "ssh.example.com" },
      ...parts,
      aws: {
        region: "eu-central-1",
        ipv6: true,
        admin: { publicKey: ED25519_A.line, cidrs: ["198.51.100.0/24"] },
        tags: { team: "data" },
        ...aws,
      },
    });
  }

  test("the policy in docs/ allows every call of a bastion's life, and no other", async () => {
    await deployment.up();
    // Each change that is made in place, and one that replaces the machine.
    await deployment.up(
      everything(
        {
          instanceType: "t4g.small",
          diskSizeGib: 16,
          tags: { team: "platform", cost: "7" },
          firewallNote: "TICKET-1",
          rebootWhenUnresponsive: false,
        },
        { clients: [{ name: "dc2", generateKey: "ed25519" }], consumerCidrs: ["203.0.113.0/24"] },
      ),
    );
    await deployment.up(everything({ imageId: site.image("arm64") }));
    await deployment.pulumi("refresh", "--yes", "--stack", "acme");
    await deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
    expect(site.world.read().records).toEqual({});

    const { vpcId, subnetId } = await site.addNetworks();
    await deployment.up(everything({ vpcId, subnetId, ipv6: false, privateOnly: true }));
    await deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");

    const called = [...new Set(site.world.calls().map(({ action }) => action))].sort();
    const { Statement } = JSON.parse(readFileSync(POLICY, "utf8")) as Policy;
    expect(Statement.flatMap(({ Action }) => Action).sort()).toEqual(called);
  });
});
