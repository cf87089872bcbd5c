import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { ECDSA_P256, ED25519_A } from "../../support/keys.ts";
import { AZURE, type AzureSite } from "../support/azure-site.ts";
import { RecordStack } from "../support/record-stack.ts";
import { describeAsRoot } from "../support/root.ts";

const location = "westeurope";
const network = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.Network/virtualNetworks/prod";
const PLATFORM = "11111111-1111-4111-8111-111111111111";
const STRANGER = "22222222-2222-4222-8222-222222222222";

describeAsRoot("bad input on Azure fails before anything is created, with the remedy", () => {
  let stack: RecordStack<AzureSite>;

  beforeAll(async () => {
    stack = await RecordStack.create(AZURE, {});
  });

  afterAll(async () => stack?.remove());

  const inAzure = (settings: object): Partial<CustomerFile> => ({ azure: { location, ...settings } });
  const admin = (settings: object) => inAzure({ admin: { publicKey: ED25519_A.line, cidrs: ["198.51.100.0/24"], ...settings } });

  const cases: readonly [string, Partial<CustomerFile>, string][] = [
    ["no location", inAzure({ location: undefined }), "azure.location: is missing"],
    ["a location in words", inAzure({ location: "West Europe" }), 'azure.location: got "West Europe"; write "westeurope"'],
    [
      "a subnet, and a virtual network for another one",
      inAzure({ subnetId: `${network}/subnets/bastions`, virtualNetworkId: network }),
      "azure.virtualNetworkId: is for a subnet of the bastion's own; leave it out, or leave out subnetId",
    ],
    [
      "a virtual network without addresses for the bastion's subnet",
      inAzure({ virtualNetworkId: network }),
      "azure.networkCidr: is missing; say which addresses of the virtual network the bastion's subnet gets",
    ],
    [
      "an admin's name that Azure keeps from everybody",
      admin({ user: "administrator" }),
      'azure.admin.user: "administrator" is a name that Azure refuses; choose another, such as "bastion-admin"',
    ],
    [
      "an ecdsa key for an admin",
      admin({ publicKey: ECDSA_P256.line }),
      "azure.admin.publicKey: is ecdsa-sha2-nistp256; Azure takes RSA and Ed25519 keys only, so give one of those",
    ],
    [
      "trusted launch on ARM",
      inAzure({ vmSize: "Standard_B2pts_v2", trustedLaunch: true }),
      "azure.trustedLaunch: does not exist on Standard_B2pts_v2; leave it out, or choose another vmSize",
    ],
    [
      "a block of IPv6",
      { clientCidrs: ["2001:db8::/32"] },
      'clientCidrs[0]: got "2001:db8::/32", and the bastion has no IPv6 address; name the IPv4 block, or leave it out',
    ],
    [
      "a name in a zone that has no id",
      { dns: { zone: "ssh.example.com", zoneId: undefined } },
      "dns.zoneId: is missing; a zone of Azure DNS is known by its id, such as",
    ],
    [
      "a private endpoint for an alias that is none",
      { privateEndpoints: [{ name: "orders", location, service: "orders.westeurope.azure.privatelinkservice" }] },
      'privateEndpoints[0].service: got "orders.westeurope.azure.privatelinkservice"; expected a Private Link Service: its alias, such as',
    ],
    [
      "a Private Link Service that approves who cannot ask",
      {
        privateLinkServices: [
          {
            name: "orders",
            location,
            frontendSubnetId: `${network}/subnets/databases`,
            virtualNetworkId: network,
            natNetworkCidr: "10.0.250.0/28",
            ports: [{ name: "postgres", port: 5432 }],
            visibility: [PLATFORM],
            autoApproval: [STRANGER],
          },
        ],
      },
      `privateLinkServices[0].autoApproval[0]: "${STRANGER}" is not in visibility, so it could not ask in the first place; add it there`,
    ],
  ];

  test.each(cases)("%s", async (_what, parts, message) => {
    stack.deployment.describe(stack.site.customerFile(parts));
    const { exitCode, stdout, stderr } = await stack.deployment.attempt("up", "--yes", "--skip-preview", "--stack", "acme");
    expect(exitCode).not.toBe(0);
    const problems = [...(stdout + stderr).matchAll(/acme\.yaml:\d+ (.*)/g)].map(([, problem]) => problem);
    expect(problems, stdout + stderr).toEqual([expect.stringContaining(message)]);
    expect(stack.site.world.read().records).toEqual({});
    expect(stack.site.world.calls()).toEqual([]);
  });
});
