import { checkAws } from "../components/core/aws/check-aws.ts";
import { checkBastionOnAws } from "../components/core/aws/check-bastion-on-aws.ts";
import { checkAzure, checkAzureDns } from "../components/core/azure/check-azure.ts";
import { checkBastionOnAzure } from "../components/core/azure/check-bastion-on-azure.ts";
import type { OtherConsumers, PartialSpec } from "../components/core/check-bastion.ts";
import { checkDns } from "../components/core/dns-spec.ts";
import { checkBastionOnGcp } from "../components/core/gcp/check-bastion-on-gcp.ts";
import { checkGcp, checkGcpDns, checkNameOnGcp } from "../components/core/gcp/check-gcp.ts";
import { checkBastionOnKubernetes } from "../components/core/kubernetes/check-bastion-on-kubernetes.ts";
import { checkKubernetes } from "../components/core/kubernetes/check-kubernetes.ts";
import { podConsumers } from "../components/core/kubernetes/consumer-pods.ts";
import { checkNameOnKubernetes } from "../components/core/kubernetes/object-name.ts";
import { checkLocal, type LocalSpec } from "../components/core/local-spec.ts";
import type { PartialDeep } from "../components/core/partial.ts";
import { type Problem, problemsAt } from "../components/core/problem.ts";
import { asProblems } from "../components/core/problem-list.ts";
import type { PartialPrivateLink } from "./check-private-link.ts";
import type { CustomerFile, PrivateLinkFile } from "./customer-file.ts";

/** A customer's file some of whose parts may be missing. */
export type PartialCustomer = PartialDeep<Pick<CustomerFile, "aws" | "azure" | "gcp" | "kubernetes" | "local" | "dns">> &
  PartialPrivateLink &
  PartialSpec & { readonly target?: (CustomerFile | PrivateLinkFile)["target"] | undefined };

const NO_LOCATION: Problem = { path: "azure", reason: 'is missing; say at least in which location: "azure: { location: westeurope }"' };
const NO_ZONE: Problem = { path: "gcp", reason: 'is missing; say at least in which zone: "gcp: { zone: europe-west3-a }"' };

const NO_CLUSTER: Problem = {
  path: "kubernetes",
  reason: 'is missing; say at least where, what and how: "kubernetes: { namespace: …, image: …, exposure: { kind: … } }"',
};
const NO_ZONE_IN_CLUSTER: Problem = {
  path: "dns",
  reason: "the target kubernetes makes no DNS records; name the bastion in kubernetes.host, or leave it to external-dns",
};

/** Everything that is wrong with the settings of the target a file chooses. Those of other targets are left alone. */
export function checkTarget(file: PartialCustomer): Problem[] {
  switch (file.target) {
    case "aws":
      return [
        ...problemsAt("aws", checkAws(file.aws ?? {})),
        ...problemsAt("dns", checkDns(file.dns ?? {})),
        ...checkBastionOnAws(file, file.aws ?? {}),
      ];
    case "azure":
      return [
        ...(file.azure === undefined ? [NO_LOCATION] : problemsAt("azure", checkAzure(file.azure))),
        ...(file.dns === undefined ? [] : problemsAt("dns", checkAzureDns(file.dns))),
        ...checkBastionOnAzure(file, file.azure ?? {}),
      ];
    case "gcp":
      return [
        ...asProblems("customer", file.customer === undefined ? undefined : checkNameOnGcp(file.customer)),
        ...(file.gcp === undefined ? [NO_ZONE] : problemsAt("gcp", checkGcp(file.gcp))),
        ...problemsAt("dns", checkGcpDns(file.dns ?? {})),
        ...checkBastionOnGcp(file, file.gcp ?? {}),
      ];
    case "kubernetes":
      return [
        ...asProblems("customer", file.customer === undefined ? undefined : checkNameOnKubernetes(file.customer)),
        ...(file.kubernetes === undefined ? [NO_CLUSTER] : problemsAt("kubernetes", checkKubernetes(file.kubernetes, file.customer, file))),
        ...(file.dns === undefined ? [] : [NO_ZONE_IN_CLUSTER]),
        ...checkBastionOnKubernetes(file, file.kubernetes ?? {}),
      ];
    case "local":
      return [
        ...problemsAt("local", checkLocal((file.local ?? {}) as LocalSpec)),
        ...(file.dns === undefined ? [] : [{ path: "dns", reason: "the target local has no DNS service; name the bastion in local.host" }]),
      ];
    default:
      return [];
  }
}

/** Who else than `consumerCidrs` the target of a file lets reach bind ports. What cannot be read may be right. */
export function otherConsumersOf({ target, kubernetes }: PartialCustomer, unreadable: ReadonlySet<string>): OtherConsumers | undefined {
  if (target !== "kubernetes") return undefined;
  const { areGiven, remedy } = podConsumers(kubernetes?.consumerPods);
  return { areGiven: areGiven || unreadable.has("kubernetes.consumerPods"), remedy };
}
