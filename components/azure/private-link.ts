export {
  AzurePrivateEndpoint,
  type AzurePrivateEndpointArgs,
  type AzurePrivateEndpointOptions,
  type AzurePrivateEndpointTransforms,
} from "./private-endpoint.ts";
export type { Clock } from "./private-endpoint-approval.ts";
export {
  AzurePrivateLinkService,
  type AzurePrivateLinkServiceArgs,
  type AzurePrivateLinkServiceOptions,
  type AzurePrivateLinkServiceTransforms,
} from "./private-link-service.ts";
