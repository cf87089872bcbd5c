import { ApiError } from "../../world/provider/api.ts";
import type { CloudFunction } from "../../world/provider/resource-kind.ts";
import type { WorldRecord } from "../../world/world.ts";
import { imageLink, newest } from "./images.ts";
import { COMPUTE, type GcpContext, idOf, projectOf, regionOf } from "./project.ts";
import { type ManagedZone, seedsOf } from "./seeds.ts";
import { TYPE } from "./types.ts";

/** The look-ups a program can make. */
export const FUNCTIONS: Readonly<Record<string, CloudFunction<GcpContext>>> = {
  "gcp:compute/getImage:getImage": {
    properties: {
      family: { type: "string", conflictsWith: ["name", "filter"] },
      filter: { type: "string" },
      mostRecent: { type: "boolean" },
      name: { type: "string", conflictsWith: ["filter"] },
      project: { type: "string" },
    },
    async call(api, { family, filter, mostRecent, name, project: given }, context) {
      await api.look(family === undefined ? "compute.images.get" : "compute.images.getFromFamily");
      if (filter !== undefined) throw new ApiError("", "the stand-in finds an image by its family or its name, not by a filter");
      const state = api.world.read();
      const project = String(given ?? context.project ?? "");
      const candidates = seedsOf(state).images.filter(
        (image) => image.project === project && (family === undefined ? image.name === name : image.family === family),
      );
      const image = newest(candidates);
      if (image === undefined)
        throw new ApiError(
          "notFound",
          `The resource 'projects/${project}/global/images/${family === undefined ? String(name) : `family/${String(family)}`}' was not found`,
        );
      return {
        archiveSizeBytes: 1_073_741_824,
        creationTimestamp: image.creationTimestamp,
        description: image.name,
        diskSizeGb: image.diskSizeGb,
        family: image.family,
        id: `projects/${image.project}/global/images/${image.name}`,
        imageEncryptionKeySha256: "",
        imageId: "1234567890123456789",
        labelFingerprint: "42WmSpB8rSM=",
        labels: {},
        licenses: [],
        ...(mostRecent === undefined ? {} : { mostRecent }),
        name: image.name,
        project: image.project,
        selfLink: imageLink(image),
        sourceDisk: "",
        sourceDiskEncryptionKeySha256: "",
        sourceDiskId: "",
        sourceImageId: "",
        status: "READY",
      };
    },
  },

  "gcp:compute/getNetwork:getNetwork": {
    properties: { name: { type: "string" }, networkProfile: { type: "string" }, project: { type: "string" }, selfLink: { type: "string" } },
    async call(api, inputs, context) {
      await api.look("compute.networks.get");
      const state = api.world.read();
      const project = projectOf(state, inputs, context);
      const id = idOf(inputs.selfLink ?? inputs.name, project, "global/networks");
      const network = found(state.records[TYPE.network]?.[id], id);
      const subnetworksSelfLinks = Object.values(state.records[TYPE.subnetwork] ?? {}).flatMap((one) =>
        one.network === network.selfLink ? [one.selfLink] : [],
      );
      return { description: "", internalIpv6Range: "", ...network, id, subnetworksSelfLinks };
    },
  },

  "gcp:compute/getSubnetwork:getSubnetwork": {
    properties: { name: { type: "string" }, project: { type: "string" }, region: { type: "string" }, selfLink: { type: "string" } },
    async call(api, inputs, context) {
      await api.look("compute.subnetworks.get");
      const state = api.world.read();
      const project = projectOf(state, inputs, context);
      if (inputs.selfLink === undefined && inputs.name === undefined) throw new ApiError("", "You must provide name or self_link.");
      const reference = String(inputs.selfLink ?? inputs.name);
      const region = reference.includes("/regions/") ? "" : regionOf(inputs, context);
      const id = idOf(reference, project, `regions/${region}/subnetworks`);
      return {
        description: "",
        externalIpv6Prefix: "",
        internalIpv6Prefix: "",
        ipv6AccessType: "",
        ...found(state.records[TYPE.subnetwork]?.[id], id),
        id,
      };
    },
  },

  "gcp:dns/getManagedZone:getManagedZone": {
    properties: { name: { type: "string", required: true }, project: { type: "string" } },
    async call(api, inputs, context) {
      await api.look("dns.managedZones.get");
      const state = api.world.read();
      const project = projectOf(state, inputs, context);
      const zone = seedsOf(state).managedZones.find(({ name }) => name === inputs.name);
      if (zone === undefined)
        throw new ApiError("notFound", `The 'parameters.managedZone' resource named '${String(inputs.name)}' does not exist.`);
      return describeZone(zone, project);
    },
  },

  "gcp:dns/getManagedZones:getManagedZones": {
    properties: { project: { type: "string" } },
    async call(api, inputs, context) {
      await api.look("dns.managedZones.list");
      const state = api.world.read();
      const project = projectOf(state, inputs, context);
      return {
        id: `projects/${project}/managedZones`,
        managedZones: seedsOf(state).managedZones.map((zone) => describeZone(zone, project)),
        project,
      };
    },
  },

  "gcp:organizations/getProject:getProject": {
    properties: { projectId: { type: "string" } },
    async call(api, { projectId }, context) {
      await api.look("resourcemanager.projects.get");
      const state = api.world.read();
      const project = projectOf(state, { project: projectId }, context);
      return {
        autoCreateNetwork: false,
        billingAccount: "",
        deletionPolicy: "PREVENT",
        effectiveLabels: {},
        folderId: "",
        id: `projects/${project}`,
        labels: {},
        name: project,
        number: seedsOf(state).projectNumber,
        orgId: "",
        projectId: project,
        pulumiLabels: {},
        tags: {},
      };
    },
  },

  "gcp:organizations/getClientConfig:getClientConfig": {
    properties: {},
    call: async (_api, _inputs, { project, region, zone, defaultLabels }) => ({
      accessToken: "",
      defaultLabels,
      id: `projects/${project ?? ""}/regions/${region ?? ""}/zones/${zone ?? ""}`,
      project: project ?? "",
      region: region ?? "",
      zone: zone ?? "",
    }),
  },
};

function describeZone(zone: ManagedZone, project: string) {
  return {
    ...zone,
    description: "",
    id: `projects/${project}/managedZones/${zone.name}`,
    managedZoneId: 1234567890123456,
    nameServers: [1, 2, 3, 4].map((number) => `ns-cloud-a${number}.googledomains.example.`),
    project,
  };
}

function found(record: WorldRecord | undefined, id: string): WorldRecord {
  if (record === undefined) throw new ApiError("notFound", `The resource '${COMPUTE}${id}' was not found`);
  return record;
}
