import type { Properties } from "../../plugin/values.ts";
import { ApiError } from "../../world/provider/api.ts";
import { recordsOf } from "../../world/records.ts";
import type { WorldState } from "../../world/world.ts";
import { externalAddress, type InterfaceRecord, interfacesOf, takeInternalAddress, takePublicAddress } from "./addresses.ts";
import { COMPUTE, idOf, nameIn, referenced } from "./project.ts";
import { TYPE } from "./types.ts";

const FIELD = "resource.networkInterfaces[0]";

/** Where an instance is to be. */
export interface InstancePlace {
  readonly project: string;
  readonly region: string;
  readonly instanceId: string;
}

/** The network interfaces of an instance: those that are asked for, with what Compute Engine fills in. */
export function networkInterfaces(state: WorldState, asked: readonly Properties[], place: InstancePlace): InterfaceRecord[] {
  const [only, ...others] = asked;
  if (only === undefined || others.length > 0)
    throw new ApiError("badRequest", "the stand-in has instances with one network interface only");
  const subnetworkId = subnetworkOf(state, only, place);
  const subnetwork = referenced(state, TYPE.subnetwork, subnetworkId, `${FIELD}.subnetwork`);
  if (only.network !== undefined && nameIn(only.network) !== nameIn(subnetwork.network))
    throw new ApiError(
      "invalid",
      `Invalid value for field '${FIELD}.subnetwork': '${COMPUTE}${subnetworkId}'. Subnetwork does not belong to network '${nameIn(only.network)}'.`,
    );
  const networkIp = takeInternalAddress(
    state,
    subnetworkId,
    only.networkIp === undefined ? undefined : String(only.networkIp),
    place.instanceId,
  );
  const accessConfigs = ((only.accessConfigs ?? []) as Properties[]).map((config) => accessConfig(state, config, place));
  return [
    {
      ...only,
      accessConfigs,
      name: "nic0",
      network: String(subnetwork.network),
      networkIp,
      nicType: only.nicType ?? "",
      stackType: only.stackType ?? "IPV4_ONLY",
      subnetwork: COMPUTE + subnetworkId,
      subnetworkProject: place.project,
    } as InterfaceRecord,
  ];
}

/** Every address may be looked up, and used, by whoever is allowed to: what that needs. */
export function permissionsFor([only = {}]: readonly Properties[]): string[] {
  const external = ((only.accessConfigs ?? []) as Properties[]).flatMap(({ natIp }) => [
    "compute.subnetworks.useExternalIp",
    ...(natIp === undefined ? [] : ["compute.addresses.use"]),
  ]);
  return ["compute.subnetworks.use", ...external, ...(only.networkIp === undefined ? [] : ["compute.addresses.useInternal"])];
}

function subnetworkOf(state: WorldState, { network, subnetwork }: Properties, { project, region }: InstancePlace): string {
  if (subnetwork !== undefined) {
    const id = idOf(subnetwork, project, `regions/${region}/subnetworks`);
    if (!id.includes(`/regions/${region}/`))
      throw new ApiError(
        "invalid",
        `Invalid value for field '${FIELD}.subnetwork': '${COMPUTE}${id}'. The referenced subnetwork resource is not in region '${region}'.`,
      );
    return id;
  }
  const networkId = idOf(network ?? "default", project, "global/networks");
  const { autoCreateSubnetworks } = referenced(state, TYPE.network, networkId, `${FIELD}.network`);
  const ofRegion = recordsOf(state, TYPE.subnetwork).find(
    ([, one]) => String(one.network).endsWith(`/${networkId}`) && one.region === region,
  );
  if (autoCreateSubnetworks === true && ofRegion !== undefined) return ofRegion[0];
  throw new ApiError(
    "invalid",
    `Invalid value for field '${FIELD}': ''. Subnetwork should be specified for custom subnetmode network '${COMPUTE}${networkId}'.`,
  );
}

function accessConfig(state: WorldState, asked: Properties, { region, instanceId }: InstancePlace) {
  const networkTier = String(asked.networkTier ?? "PREMIUM");
  if (asked.natIp === undefined || asked.natIp === "")
    return { ...asked, natIp: takePublicAddress(state), networkTier, publicPtrDomainName: "", securityPolicy: "" };
  const natIp = String(asked.natIp);
  const reserved = externalAddress(state, natIp, region);
  if (reserved.networkTier !== networkTier)
    throw new ApiError(
      "invalid",
      `Invalid value for field '${FIELD}.accessConfigs[0].networkTier': '${networkTier}'. The network tier of external IP address is ${String(reserved.networkTier)}, that of Address is ${networkTier}. They must be the same.`,
    );
  const isTaken = interfacesOf(state).some(([id, one]) => id !== instanceId && one.accessConfigs.some((config) => config.natIp === natIp));
  if (isTaken)
    throw new ApiError(
      "invalid",
      `Invalid value for field '${FIELD}.accessConfigs[0].natIP': '${natIp}'. External IP address: ${natIp} is already in-use.`,
    );
  return { ...asked, natIp, networkTier, publicPtrDomainName: "", securityPolicy: "" };
}
