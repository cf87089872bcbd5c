import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { GCP_DEFAULTS } from "../core/gcp/gcp-defaults.ts";
import { parseResourcePath } from "../core/gcp/gcp-resource-path.ts";
import { transformed } from "../shared/transform.ts";
import type { GcpScope } from "./gcp-scope.ts";

/** Where a bastion stands. */
export interface BastionNetwork {
  readonly network: pulumi.Output<string>;
  readonly subnetwork: pulumi.Output<string>;
  /** `project` of the network and its firewall rules: with a shared VPC, another one than the machine's. */
  readonly inProject: { readonly project?: pulumi.Input<string> };
}

/** The network that was asked for, or one of the bastion's own. */
export function createNetwork(scope: GcpScope): BastionNetwork {
  const { network, subnetwork } = scope.spec;
  return network !== undefined && subnetwork !== undefined ? existingNetwork(scope, network, subnetwork) : ownNetwork(scope);
}

/** A wrong pair would come out only when half of the bastion is there. */
function existingNetwork({ region, inProject, parent }: GcpScope, network: string, subnetwork: string): BastionNetwork {
  const { name, project = inProject.project } = parseResourcePath(subnetwork);
  const found = gcp.compute.getSubnetworkOutput({ name, region, ...(project === undefined ? {} : { project }) }, { parent });
  const checked = pulumi.all([found.network, found.selfLink]).apply(([foundNetwork, selfLink]) => {
    const given = parseResourcePath(network);
    const actual = parseResourcePath(foundNetwork);
    const isSame = actual.name === given.name && (given.project === undefined || given.project === actual.project);
    if (!isSame) {
      const reason = `${name} is a subnetwork of ${actual.project}/${actual.name}, not of ${network}; give a network and a subnetwork of it`;
      throw new pulumi.ResourceError(`subnetwork: ${reason}`, parent, true);
    }
    return { network: foundNetwork, subnetwork: selfLink, project: actual.project as string };
  });
  return { network: checked.network, subnetwork: checked.subnetwork, inProject: { project: checked.project } };
}

/** GCP gives every network a route to the internet. */
function ownNetwork({ name, spec, region, inProject, transforms, parent }: GcpScope): BastionNetwork {
  const description = "Reverse SSH bastion";
  const network = new gcp.compute.Network(
    `${name}-network`,
    ...transformed(transforms.network, { description, autoCreateSubnetworks: false, ...inProject }, { parent }),
  );
  const subnetwork = new gcp.compute.Subnetwork(
    `${name}-subnetwork`,
    ...transformed(
      transforms.subnetwork,
      {
        description,
        network: network.id,
        region,
        ipCidrRange: spec.networkCidr ?? GCP_DEFAULTS.networkCidr,
        privateIpGoogleAccess: true,
        ...inProject,
      },
      { parent },
    ),
  );
  return { network: network.id, subnetwork: subnetwork.id, inProject };
}
