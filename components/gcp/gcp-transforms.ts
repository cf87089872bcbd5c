import type * as gcp from "@pulumi/gcp";
import type { Transform } from "../shared/transform.ts";

/**
 * A way to whatever the settings do not offer, one for each kind of child. What is changed here is nobody's
 * promise but yours: the bastion's own settings come first.
 */
export interface GcpTransforms {
  readonly network?: Transform<gcp.compute.NetworkArgs> | undefined;
  readonly subnetwork?: Transform<gcp.compute.SubnetworkArgs> | undefined;
  readonly address?: Transform<gcp.compute.AddressArgs> | undefined;
  readonly firewall?: Transform<gcp.compute.FirewallArgs> | undefined;
  readonly serviceAccount?: Transform<gcp.serviceaccount.AccountArgs> | undefined;
  readonly secret?: Transform<gcp.secretmanager.SecretArgs> | undefined;
  readonly secretVersion?: Transform<gcp.secretmanager.SecretVersionArgs> | undefined;
  readonly secretIamMember?: Transform<gcp.secretmanager.SecretIamMemberArgs> | undefined;
  readonly instance?: Transform<gcp.compute.InstanceArgs> | undefined;
  readonly record?: Transform<gcp.dns.RecordSetArgs> | undefined;
}
