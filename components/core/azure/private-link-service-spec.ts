/** A TCP port that a Private Link Service hands on to the machines behind it. */
export interface PrivateLinkPortSpec {
  /** What the rule and its figures are called: 1–40 of `a-z`, `0-9` and `-`. */
  readonly name: string;
  /** Port that consumers dial, and the same one on the machines. */
  readonly port: number;
  /**
   * Port that tells whether a machine is well, by taking a connection.
   *
   * @default - `port`
   */
  readonly probePort?: number | undefined;
}

/** When a machine counts as down, and as up again. */
export interface PrivateLinkProbeSpec {
  /**
   * Seconds between two connections to each machine, 5–300.
   *
   * @default 5
   */
  readonly intervalSeconds?: number | undefined;
  /**
   * How many of them in a row have to fail, or to succeed, 1–20.
   *
   * @default 2
   */
  readonly failureCount?: number | undefined;
}

/** What a Private Link Service takes, wherever it stands. Prices are those of East US in 2026, and about right; look yours up. */
export interface PrivateLinkServiceSettings {
  /** Location of the machines and of everything that is made, such as `westeurope`. Consumers may be in any other. */
  readonly location: string;
  /**
   * Addresses of the subnet from which consumers' connections come, /8–/29, out of the virtual network. Needed with
   * `virtualNetworkId`; not together with `natSubnetId`.
   */
  readonly natNetworkCidr?: string | undefined;
  /**
   * Addresses that consumers' connections come from, 1–8. Each is good for some 64,000 connections at a time to one
   * machine's port. Azure lets them be added and not taken away.
   *
   * @default 1
   */
  readonly natAddressCount?: number | undefined;
  /** What consumers reach; at least one. */
  readonly ports: readonly PrivateLinkPortSpec[];
  /** @default - two failures, five seconds apart */
  readonly probe?: PrivateLinkProbeSpec | undefined;
  /**
   * Minutes after which the load balancer forgets an idle connection, 4–30; both sides are then told. The service
   * itself forgets after about five, whatever this says.
   *
   * @default 30
   */
  readonly idleTimeoutMinutes?: number | undefined;
  /**
   * Subscriptions that may ask for a connection, or `["*"]` for all that know the alias.
   *
   * @default - none: those who have rights on the service, in its own tenant
   */
  readonly visibility?: readonly string[] | undefined;
  /**
   * Subscriptions out of `visibility` whose connections need nobody's approval. `["*"]` goes with a visibility of `["*"]`.
   *
   * @default - none: every connection is approved by hand
   */
  readonly autoApproval?: readonly string[] | undefined;
  /**
   * ARM ids of the action groups that are told when a machine fails its probe for minutes (about 0.10 USD a month for
   * each machine and port). An empty list shows the alert in Azure Monitor only.
   *
   * @default - no alert
   */
  readonly alertActionGroupIds?: readonly string[] | undefined;
  /**
   * Tags of every resource that can have some, beside `reverse-bastion`.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** A Private Link Service as it is written down for a customer. */
export interface PrivateLinkServiceSpec extends PrivateLinkServiceSettings {
  /** Name of the service: 1–40 of `a-z`, `0-9` and `-`. */
  readonly name: string;
  /** ARM id of the subnet in which the load balancer has its address; one of the virtual network of the machines. */
  readonly frontendSubnetId: string;
  /**
   * Name of the resource group that everything is made in. It must exist.
   *
   * @default - a group of its own
   */
  readonly resourceGroup?: string | undefined;
  /**
   * ARM id of the virtual network of the machines, in which a subnet with the addresses of `natNetworkCidr` is made.
   *
   * @default - nothing is made in it; `natSubnetId` is there
   */
  readonly virtualNetworkId?: string | undefined;
  /**
   * ARM id of the subnet from which consumers' connections come, one of the virtual network of the machines. Its network
   * policies for Private Link Services have to be disabled, which is looked at.
   *
   * @default - a subnet of its own
   */
  readonly natSubnetId?: string | undefined;
}

/** What the settings of a Private Link Service mean where they are silent. */
export const PRIVATE_LINK_SERVICE_DEFAULTS = {
  natAddressCount: 1,
  intervalSeconds: 5,
  failureCount: 2,
  idleTimeoutMinutes: 30,
} as const;
