import type { BindPortRange } from "./bind-port.ts";

/** Kinds of key pair a bastion can generate for a client or consumer that has none of its own. */
export const GeneratedKeyKind = {
  /** Ed25519 in OpenSSH's format. The right choice unless the other side cannot read it. */
  Ed25519: "ed25519",
  /** RSA 3072 in PEM (`-----BEGIN RSA PRIVATE KEY-----`), for data-flow platforms that ask for that form. */
  RsaPem: "rsa-pem",
} as const;
export type GeneratedKeyKind = (typeof GeneratedKeyKind)[keyof typeof GeneratedKeyKind];

/** A named bind port on the bastion, through which the platform reaches one data source of the customer. */
export interface TunnelSpec {
  /** What the tunnel is called in keys, outputs and messages: 1–40 of `a-z`, `0-9`, `-`. Its identity: a renamed tunnel is a new one. */
  readonly name: string;
  /**
   * The data source as the customer's client sees it, `host:port`. Only used to write the customer's commands;
   * the bastion never dials it.
   *
   * @default - commands show the placeholder `DESTINATION:PORT`
   */
  readonly destination?: string | undefined;
  /**
   * The port on the bastion, 1024–32767.
   *
   * @default - allocated from `bindPortRange`, and kept for as long as the tunnel exists
   */
  readonly bindPort?: number | undefined;
  /**
   * Where the bind port listens: `all` interfaces, `loopback` (reached by `ssh -L` into the bastion), or one
   * IPv4 address of the bastion. The key of a client is held to it.
   *
   * @default "all"
   */
  readonly bindAddress?: string | undefined;
}

/** What everybody who logs in has in common: keys, where from, until when. */
export interface LoginSpec {
  /** Who it is: 1–40 of `a-z`, `0-9`, `-`. */
  readonly name: string;
  /** Public keys, each as in a `.pub` file. Either these or `generateKey`. */
  readonly publicKeys?: readonly string[] | undefined;
  /** Have a key pair made; the private half is a secret output. Either this or `publicKeys`. */
  readonly generateKey?: GeneratedKeyKind | undefined;
  /**
   * Which key pair has been made for it, counted from 1: the next number has another one made, and the old one goes. Only
   * with `generateKey`. An imported key is changed in `publicKeys`, where both stand for a while.
   *
   * @default 1
   */
  readonly keyGeneration?: number | undefined;
  /**
   * Also accept the generated key of the generation before, so that its holder can change over while both work.
   *
   * @default false
   */
  readonly keepPreviousKey?: boolean | undefined;
  /**
   * CIDR blocks its logins must come from; sshd refuses its key from anywhere else.
   *
   * @default - anywhere the bastion's `clientCidrs` let through
   */
  readonly sourceCidrs?: readonly string[] | undefined;
  /**
   * When its keys stop working and its sessions end: `2027-06-30` (the end of that day, UTC) or a time with its
   * offset, `2027-06-30T18:00Z`.
   *
   * @default - never
   */
  readonly expiresAt?: string | undefined;
}

/** What a client and a consumer have in common: a login, and tunnels. */
export interface PeerSpec extends LoginSpec {
  /**
   * Public keys of certificate authorities, each as in a `.pub` file, beside keys of its own or instead of them. Whoever
   * shows an OpenSSH user certificate that one of them has signed, for one of `certificatePrincipals` and within its
   * validity, logs in as this peer and has its rights.
   *
   * @default - none; it logs in by its keys alone
   */
  readonly certificateAuthorities?: readonly string[] | undefined;
  /**
   * Principals of which its certificates have to name one. No other peer may have one of them with the same authority.
   *
   * @default - its own name
   */
  readonly certificatePrincipals?: readonly string[] | undefined;
  /**
   * The tunnels it may open (a client) or reach (a consumer), by name.
   *
   * @default - all tunnels of the bastion
   */
  readonly tunnels?: readonly string[] | undefined;
}

/** Who opens tunnels: the customer's agent, running `ssh -R`. */
export interface ClientSpec extends PeerSpec {}

/** Who uses tunnels by SSH: the platform, running `ssh -L`. */
export interface ConsumerSpec extends PeerSpec {}

/** Who reads the bastion's status and metrics by SSH, `ssh -W` or `ssh -L`, and may do nothing else: people on call, Prometheus. */
export interface OperatorSpec extends LoginSpec {}

/** One bastion, as its author describes it, whatever it runs on. */
export interface BastionSpec {
  /** CIDR blocks that may reach sshd. No default: opening it to the world has to be written down. */
  readonly clientCidrs: readonly string[];
  /** CIDR blocks that may reach bind ports that are not on loopback. No default; `[]` where nobody may. */
  readonly consumerCidrs: readonly string[];
  readonly tunnels: readonly TunnelSpec[];
  readonly clients: readonly ClientSpec[];
  /** @default - none; the platform reaches bind ports over the network */
  readonly consumers?: readonly ConsumerSpec[] | undefined;
  /** @default - none; only who is on the machine can read the status */
  readonly operators?: readonly OperatorSpec[] | undefined;
  /**
   * Port sshd listens on, 1024–32767.
   *
   * @default 2222
   */
  readonly sshPort?: number | undefined;
  /**
   * Port on the bastion's loopback at which operators read status and metrics, 1024–32767. No tunnel may have it.
   *
   * @default - `sshPort` + 7200, so 9422; `sshPort` − 7200 where that is above 32767
   */
  readonly statusPort?: number | undefined;
  /**
   * User that clients log in as.
   *
   * @default "tunnel"
   */
  readonly tunnelUser?: string | undefined;
  /**
   * User that consumers and operators log in as.
   *
   * @default "consumer"
   */
  readonly consumerUser?: string | undefined;
  /** Ports to allocate bind ports from. */
  readonly bindPortRange?: BindPortRange | undefined;
  /**
   * Ports that no tunnel may have, because another program on the host uses them.
   *
   * @default []
   */
  readonly reservedPorts?: readonly number[] | undefined;
  /**
   * Which pair of host keys sshd uses: count it up by one to change them, after the next ones have been announced. Going
   * back, or two steps at once, is a host key that no client knows.
   *
   * @default 1
   */
  readonly hostKeyGeneration?: number | undefined;
  /**
   * Make the host keys of the next generation, and have sshd announce them beside the present ones: OpenSSH clients with
   * `UpdateHostKeys` learn them at their next login.
   *
   * @default false
   */
  readonly announceNextHostKeys?: boolean | undefined;
  /**
   * CIDR blocks that share an address among many: a NAT gateway, a load balancer, Private Link. sshd shuts an address
   * out for some time when logins from it fail (`PerSourcePenalties`, OpenSSH ≥ 9.8), good keys as well; these it does
   * not. Guessing keys is hopeless either way, so what it costs is log lines.
   *
   * @default - none
   */
  readonly penaltyExemptCidrs?: readonly string[] | undefined;
  /**
   * Also accept AES-CTR, for clients without AES-GCM (dropbear, PuTTY before 0.79). OpenSSH clients before 10.0
   * then end up with AES-CTR, which is slower.
   *
   * @default false
   */
  readonly legacyCiphers?: boolean | undefined;
}

/** Where a bind port listens, once parsed. */
export type BindAddress =
  | { readonly scope: "all" }
  | { readonly scope: "loopback" }
  | { readonly scope: "address"; readonly address: string };
