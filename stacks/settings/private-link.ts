import { z } from "zod";
import { PRIVATE_ENDPOINT_DEFAULTS } from "../../components/core/azure/private-endpoint-spec.ts";
import { PRIVATE_LINK_SERVICE_DEFAULTS } from "../../components/core/azure/private-link-service-spec.ts";
import { name, port, text } from "./fields.ts";

const { networkCidr, waitMinutes } = PRIVATE_ENDPOINT_DEFAULTS;
const { natAddressCount, intervalSeconds, failureCount, idleTimeoutMinutes } = PRIVATE_LINK_SERVICE_DEFAULTS;
const tags = z.record(z.string(), z.string()).describe("Tags of every resource.").optional();
const resourceGroup = text("Resource group that everything is made in. Default: one of its own.").optional();

/** The platform's end of an Azure Private Link. */
export const privateEndpoint = z.strictObject({
  name: name("endpoint"),
  service: text("The customer's Private Link Service: its alias, or its ARM id."),
  location: text("Location of the endpoint, such as westeurope."),
  resourceGroup,
  virtualNetworkId: text("ARM id of a virtual network that gets a subnet for the endpoint, with the addresses of networkCidr.").optional(),
  subnetId: text("ARM id of the subnet the endpoint stands in. Default: one of its own.").optional(),
  networkCidr: text(`Addresses of the endpoint's own subnet, /8–/29. Default: ${networkCidr}.`).optional(),
  privateAddress: text("The endpoint's IPv4 address. Default: one that Azure chooses, and keeps.").optional(),
  requestMessage: text("What the customer sees beside the request. Default: who asks.").optional(),
  autoApproval: z.boolean().describe("Approve the connection with your own rights on the service. Default: false.").optional(),
  waitMinutes: z.int().describe(`How long up waits for the approval. Default: ${waitMinutes}; 0 does not wait.`).optional(),
  tags,
});

/** The customer's end of an Azure Private Link. */
export const privateLinkService = z.strictObject({
  name: name("service"),
  location: text("Location of the machines, such as westeurope."),
  ports: z
    .array(
      z.strictObject({
        name: name("port"),
        port: port("Port that consumers dial, and the same one on the machines."),
        probePort: port("Port that tells whether a machine is well. Default: port.").optional(),
      }),
    )
    .describe("What consumers reach."),
  frontendSubnetId: text("ARM id of the subnet in which the load balancer has its address."),
  virtualNetworkId: text("ARM id of the machines' virtual network, which gets a subnet with the addresses of natNetworkCidr.").optional(),
  natNetworkCidr: text("Addresses that consumers' connections come from, /8–/29. Together with virtualNetworkId.").optional(),
  natSubnetId: text("ARM id of an existing subnet for them instead.").optional(),
  natAddressCount: z.int().describe(`How many of them, 1–8. Default: ${natAddressCount}.`).optional(),
  probe: z
    .strictObject({
      intervalSeconds: z.int().describe(`Seconds between two probes, 5–300. Default: ${intervalSeconds}.`).optional(),
      failureCount: z.int().describe(`How many in a row have to fail, or to succeed, 1–20. Default: ${failureCount}.`).optional(),
    })
    .describe("When a machine counts as down.")
    .optional(),
  idleTimeoutMinutes: z.int().describe(`When an idle connection is forgotten, 4–30. Default: ${idleTimeoutMinutes}.`).optional(),
  visibility: z.array(z.string()).describe('Subscriptions that may ask for a connection, or ["*"]. Default: none.').optional(),
  autoApproval: z.array(z.string()).describe("Those of them that nobody has to approve. Default: none.").optional(),
  alertActionGroupIds: z.array(z.string()).describe("Action groups that are told when a machine is down. Default: no alert.").optional(),
  resourceGroup,
  tags,
});
