/** What a private endpoint takes, wherever it stands. Prices are those of East US in 2026, and about right; look yours up. */
export interface PrivateEndpointSettings {
  /** Location of the endpoint and of its network, such as `westeurope`. The service may be in another one. */
  readonly location: string;
  /**
   * Addresses of the endpoint's own subnet, /8–/29. Needed with `virtualNetworkId`; not together with `subnetId`.
   *
   * @default "10.255.1.0/28"
   */
  readonly networkCidr?: string | undefined;
  /**
   * The endpoint's IPv4 address, out of its subnet. Changing it replaces the endpoint.
   *
   * @default - one that Azure chooses, and keeps
   */
  readonly privateAddress?: string | undefined;
  /**
   * What the owner of the service sees beside the request, on one line of up to 140 characters.
   *
   * @default - `Reverse SSH bastion <project>/<stack>/<name>`
   */
  readonly requestMessage?: string | undefined;
  /**
   * Approve the connection with the rights of whoever runs `pulumi up`, who needs them on the service: for services of
   * your own tenant. Only with an ARM id. Changing it replaces the endpoint.
   *
   * @default false; the owner of the service approves it by hand
   */
  readonly autoApproval?: boolean | undefined;
  /**
   * How long `pulumi up` waits for the owner's approval, 0–720. When that is over it fails; the endpoint stays, and the
   * next `up` goes on waiting. 0 does not wait: `connectionStatus` is then `Pending`.
   *
   * @default 15
   */
  readonly waitMinutes?: number | undefined;
  /**
   * Tags of every resource that can have some, beside `reverse-bastion`.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** A private endpoint as it is written down for a customer. */
export interface PrivateEndpointSpec extends PrivateEndpointSettings {
  /** Name of the endpoint: 1–40 of `a-z`, `0-9` and `-`. */
  readonly name: string;
  /**
   * The customer's Private Link Service: its ARM id, or its alias, `<prefix>.<guid>.<region>.azure.privatelinkservice`.
   * Changing it replaces the endpoint, and with it the private address.
   */
  readonly service: string;
  /**
   * Name of the resource group that everything is made in. It must exist.
   *
   * @default - a group of its own
   */
  readonly resourceGroup?: string | undefined;
  /**
   * ARM id of a virtual network, in which the endpoint gets a subnet of its own with the addresses of `networkCidr`.
   *
   * @default - a network of its own (no cost)
   */
  readonly virtualNetworkId?: string | undefined;
  /**
   * ARM id of the subnet the endpoint stands in. Not together with `virtualNetworkId`.
   *
   * @default - a subnet of its own
   */
  readonly subnetId?: string | undefined;
}

/** What the settings of a private endpoint mean where they are silent. */
export const PRIVATE_ENDPOINT_DEFAULTS = {
  networkCidr: "10.255.1.0/28",
  waitMinutes: 15,
} as const;

/** Characters that Azure takes as the message of a request. */
export const MOST_MESSAGE_CHARACTERS = 140;

/** What the owner of a service reads who asks: enough to tell one request from all others. */
export function defaultRequestMessage(project: string, stack: string, name: string): string {
  return `Reverse SSH bastion ${project}/${stack}/${name}`.slice(0, MOST_MESSAGE_CHARACTERS);
}
