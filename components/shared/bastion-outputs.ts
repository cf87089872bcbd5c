import type * as pulumi from "@pulumi/pulumi";
import type { HostKeyDescription, OperatorDescription, PeerDescription, TunnelDescription } from "../core/describe-bastion.ts";

/** What every bastion gives, whatever it runs on. */
export interface BastionOutputs {
  /** Name or address that clients dial. */
  readonly host: pulumi.Output<string>;
  /** Port that clients dial. */
  readonly sshPort: pulumi.Output<number>;
  /** Port on the bastion's loopback at which operators read its status. */
  readonly statusPort: pulumi.Output<number>;
  /** User that clients log in as. */
  readonly user: pulumi.Output<string>;
  /** User that consumers and operators log in as. */
  readonly consumerUser: pulumi.Output<string>;
  /** `ssh://user@host:port` for clients. */
  readonly endpoint: pulumi.Output<string>;
  /** `ssh://user@host:port` for consumers. */
  readonly consumerEndpoint: pulumi.Output<string>;
  /** Type, fingerprint and SSHFP value of each host key; those of the next generation too, while they are announced. */
  readonly hostKeys: pulumi.Output<readonly HostKeyDescription[]>;
  /** The `known_hosts` file that pins the host keys. */
  readonly knownHosts: pulumi.Output<string>;
  /** Each tunnel with its bind port, where consumers reach it, and the commands that open it. */
  readonly tunnels: pulumi.Output<readonly TunnelDescription[]>;
  /** Each client with its command and `ssh_config`. */
  readonly clients: pulumi.Output<readonly PeerDescription[]>;
  /** Each consumer with its command and `ssh_config`. */
  readonly consumers: pulumi.Output<readonly PeerDescription[]>;
  /** Each operator with its command and `ssh_config`. */
  readonly operators: pulumi.Output<readonly OperatorDescription[]>;
  /** Secret. Private keys that were generated for clients, by name. */
  readonly clientPrivateKeys: pulumi.Output<Record<string, string>>;
  /** Secret. Private keys that were generated for consumers, by name. */
  readonly consumerPrivateKeys: pulumi.Output<Record<string, string>>;
  /** Secret. Private keys that were generated for operators, by name. */
  readonly operatorPrivateKeys: pulumi.Output<Record<string, string>>;
}
