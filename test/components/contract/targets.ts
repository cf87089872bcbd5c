import type * as pulumi from "@pulumi/pulumi";
import { AwsBastion } from "../../../components/aws/aws-bastion.ts";
import { AzureBastion } from "../../../components/azure/azure-bastion.ts";
import { GcpBastion } from "../../../components/gcp/gcp-bastion.ts";
import { KubernetesBastion } from "../../../components/kubernetes/kubernetes-bastion.ts";
import { LocalBastion } from "../../../components/local/local-bastion.ts";
import type { BastionArgs } from "../../../components/shared/bastion-args.ts";
import type { BastionOutputs } from "../../../components/shared/bastion-outputs.ts";
import { AWS_ENGINE, PRIVATE_IP, parametersOf } from "../../support/aws-engine.ts";
import {
  AZURE_ENGINE,
  PRIVATE_IP as AZURE_PRIVATE_IP,
  mailboxOf as azureMailboxOf,
  LOCATION,
  ZONE_ID,
} from "../../support/azure-engine.ts";
import type { EngineOptions, RegisteredResource } from "../../support/engine.ts";
import { GCP_ENGINE, PRIVATE_IP as GCP_PRIVATE_IP, mailboxOf, ZONE } from "../../support/gcp-engine.ts";
import { EXPOSED, IMAGE } from "../../support/kubernetes-bastion.ts";
import { KUBERNETES_ENGINE } from "../../support/kubernetes-engine.ts";
import { LOCAL_ENGINE } from "../../support/local-engine.ts";
import { documentIn } from "../../support/mailbox-parameters.ts";
import { resourceIn } from "../../support/registered.ts";

/** What a bastion can run on, as far as the contract that all of them meet has to know. */
export interface Target {
  /** Type of its component. */
  readonly type: string;
  readonly make: (name: string, args: BastionArgs) => BastionOutputs & pulumi.ComponentResource;
  /** The provider behind it. */
  readonly engine: EngineOptions;
  /** Where clients dial, and where consumers reach bind ports. */
  readonly host: string;
  readonly consumerHost: string;
  /** The key set that arrives in the machine's mailbox. */
  readonly keySetIn: (registered: readonly RegisteredResource[]) => string;
  /** The one input that may hold private keys, those of the host, as `resource.input`. */
  readonly hostKeyInput: string;
  /** What our own provider makes for this target alone, with its inputs. */
  readonly ownResources?: Readonly<Record<string, object>>;
}

/** Every target of this package, by its name. */
export const TARGETS: Readonly<Record<string, Target>> = {
  aws: {
    type: "reverse-bastion:aws:AwsBastion",
    make: (name, args) => new AwsBastion(name, { ...args, dns: { zone: "example.com", name: "bastion" } }),
    engine: AWS_ENGINE,
    host: "bastion.example.com",
    consumerHost: PRIVATE_IP,
    keySetIn: (registered) => documentIn(parametersOf(registered), "key-set"),
    hostKeyInput: "acme-host-keys.value",
  },
  azure: {
    type: "reverse-bastion:azure:AzureBastion",
    make: (name, args) =>
      new AzureBastion(name, {
        ...args,
        location: LOCATION,
        dns: { zone: "example.com", zoneId: ZONE_ID.replace("ssh.example.com", "example.com"), name: "bastion" },
      }),
    engine: AZURE_ENGINE,
    host: "bastion.example.com",
    consumerHost: AZURE_PRIVATE_IP,
    keySetIn: (registered) => documentIn(azureMailboxOf(registered), "key-set"),
    hostKeyInput: "acme-host-keys.properties",
    ownResources: { "acme-admin-key": { algorithm: "ed25519", comment: "acme used by nobody" } },
  },
  gcp: {
    type: "reverse-bastion:gcp:GcpBastion",
    make: (name, args) => new GcpBastion(name, { ...args, zone: ZONE, dns: { zone: "example.com", name: "bastion" } }),
    engine: GCP_ENGINE,
    host: "bastion.example.com",
    consumerHost: GCP_PRIVATE_IP,
    keySetIn: (registered) => documentIn(mailboxOf(registered), "key-set"),
    hostKeyInput: "acme-host-keys-version.secretData",
  },
  kubernetes: {
    type: "reverse-bastion:kubernetes:KubernetesBastion",
    make: (name, args) =>
      new KubernetesBastion(name, {
        ...args,
        ...EXPOSED["load-balancer"],
        image: IMAGE,
        host: "bastion.example.com",
        // Two bastions of one namespace need two services.
        namespace: name === "globex" ? "globex" : "acme",
      }),
    engine: KUBERNETES_ENGINE,
    host: "bastion.example.com",
    consumerHost: "ssh-reverse-proxy.acme.svc.cluster.local",
    keySetIn: (registered) => {
      const { data } = resourceIn(registered, "acme-key-set").inputs;
      return (data as Record<string, string>)["key-set.json"] ?? "";
    },
    hostKeyInput: "acme-host-keys.data",
  },
  local: {
    type: "reverse-bastion:local:LocalBastion",
    make: (name, args) => new LocalBastion(name, { ...args, host: "bastion.example.com" }),
    engine: LOCAL_ENGINE,
    host: "bastion.example.com",
    consumerHost: "bastion.example.com",
    keySetIn: (registered) => registered.find(({ name }) => name === "acme-sshd")?.inputs.keySet as string,
    hostKeyInput: "acme-sshd.secretFiles",
  },
};
