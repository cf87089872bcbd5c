import type { EngineOptions, RegisteredResource } from "./engine.ts";
import { providerOutputs } from "./local-engine.ts";

/** The project and zone of the tests. */
export const PROJECT = "acme-data-prod";
export const REGION = "europe-west3";
export const ZONE = "europe-west3-a";
export const PUBLIC_IP = "203.0.113.10";
export const PRIVATE_IP = "10.255.0.7";
const API = "https://www.googleapis.com/compute/v1";
/** The network and subnetwork that exist in the project, and the links to them. */
export const EXISTING = { network: "prod", subnetwork: "prod-eu" };
export const NETWORK_LINK = `${API}/projects/${PROJECT}/global/networks/prod`;
export const SUBNETWORK_LINK = `${API}/projects/${PROJECT}/regions/${REGION}/subnetworks/prod-eu`;

/** The newest image of a family. */
export function newestImage(family: string, project = "debian-cloud"): string {
  return `${API}/projects/${project}/global/images/${family}-v20261110`;
}

/** What GCP adds to the inputs of its resources, and our own provider to those of its. */
export function gcpOutputs(resource: RegisteredResource): object {
  const { type, name, inputs } = resource;
  switch (type) {
    case "gcp:compute/address:Address":
      return { address: inputs.address ?? (inputs.addressType === "INTERNAL" ? PRIVATE_IP : PUBLIC_IP) };
    case "gcp:serviceaccount/account:Account":
      return { email: `${inputs.accountId}@${inputs.project ?? PROJECT}.iam.gserviceaccount.com` };
    case "gcp:secretmanager/secret:Secret":
      return { project: inputs.project ?? PROJECT };
    default:
      return type.startsWith("gcp:") ? {} : providerOutputs({ ...resource, name });
  }
}

/** A zone of Cloud DNS as the provider lists it. */
export function managedZone(name: string, dnsName: string, visibility = "public"): object {
  return { name, dnsName, visibility };
}

/** An engine with this project and our own provider behind it. */
export const GCP_ENGINE: EngineOptions = {
  outputsOf: gcpOutputs,
  calls: {
    "gcp:compute/getImage:getImage": ({ family, project }) => ({ selfLink: newestImage(String(family), String(project)) }),
    "gcp:compute/getSubnetwork:getSubnetwork": () => ({ network: NETWORK_LINK, selfLink: SUBNETWORK_LINK }),
    "gcp:dns/getManagedZones:getManagedZones": () => ({
      managedZones: [
        managedZone("ssh-example-com", "ssh.example.com."),
        managedZone("example-com", "example.com."),
        managedZone("ssh-example-com-inside", "ssh.example.com.", "private"),
      ],
    }),
  },
};

/** The metadata of a bastion's machine. */
export function metadataOf(registered: readonly RegisteredResource[], bastion = "acme"): Record<string, string> {
  const machine = registered.find(({ name }) => name === `${bastion}-instance`);
  return (machine?.inputs.metadata ?? {}) as Record<string, string>;
}

/** The entries of a bastion's mailbox, by the names that the machine's programs have for them. */
export function mailboxOf(registered: readonly RegisteredResource[], bastion = "acme"): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadataOf(registered, bastion)).flatMap(([key, value]) => {
      const [, role, part] = /^reverse-bastion-(.+)-(\d+|manifest)$/.exec(key) ?? [];
      return part === undefined ? [] : [[`${role}/${part}`, value]];
    }),
  );
}
