/** Pulumi's tokens of the resource types this control plane knows. */
export const TYPE = {
  network: "gcp:compute/network:Network",
  subnetwork: "gcp:compute/subnetwork:Subnetwork",
  address: "gcp:compute/address:Address",
  firewall: "gcp:compute/firewall:Firewall",
  instance: "gcp:compute/instance:Instance",
  serviceAccount: "gcp:serviceaccount/account:Account",
  secret: "gcp:secretmanager/secret:Secret",
  secretVersion: "gcp:secretmanager/secretVersion:SecretVersion",
  secretIamMember: "gcp:secretmanager/secretIamMember:SecretIamMember",
  recordSet: "gcp:dns/recordSet:RecordSet",
} as const;
