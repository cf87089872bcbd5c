import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { ED25519_A } from "../../support/keys.ts";
import { AWS, type AwsSite } from "../support/aws-site.ts";
import { RecordStack } from "../support/record-stack.ts";
import { describeAsRoot } from "../support/root.ts";

const POLICY = resolve(import.meta.dirname, "../../../docs/aws-policy.json");

interface Policy {
  readonly Statement: readonly { readonly Effect: string; readonly Action: readonly string[] }[];
}

describeAsRoot("what `pulumi up` has to be allowed on AWS", () => {
  let stack: RecordStack<AwsSite>;

  beforeAll(async () => {
    stack = await RecordStack.create(AWS, everything({}));
  });

  afterAll(async () => stack?.remove());

  function everything(aws: CustomerFile["aws"], parts: Partial<CustomerFile> = {}): Partial<CustomerFile> {
    return {
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
    };
  }

  const file = (...described: Parameters<typeof everything>) => stack.site.customerFile(everything(...described));

  test("the policy in docs/ allows every call of a bastion's life, and no other", async () => {
    await stack.deployment.up();
    // Each change that is made in place, and one that replaces the machine.
    await stack.deployment.up(
      file(
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
    await stack.deployment.up(file({ imageId: stack.site.image("arm64") }));
    await stack.deployment.pulumi("refresh", "--yes", "--stack", "acme");
    await stack.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
    expect(stack.site.world.read().records).toEqual({});

    const { vpcId, subnetId } = await stack.site.addNetworks();
    await stack.deployment.up(file({ vpcId, subnetId, ipv6: false, privateOnly: true }));
    await stack.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");

    const called = [...new Set(stack.site.world.calls().map(({ action }) => action))].sort();
    const { Statement } = JSON.parse(readFileSync(POLICY, "utf8")) as Policy;
    expect(Statement.flatMap(({ Action }) => Action).sort()).toEqual(called);
  });
});
