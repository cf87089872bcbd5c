import { hasUnknown, type Properties } from "../../../plugin/values.ts";
import { askMachineHost, type MachineRequest } from "../../../world/machine-host.ts";
import { type Api, ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import type { WorldRecord } from "../../../world/world.ts";
import { noteUsers } from "../addresses.ts";
import { fingerprints, launch, serviceAccount, validateInstance } from "../launch.ts";
import { autoName } from "../names.ts";
import { networkInterfaces, permissionsFor } from "../network-interface.ts";
import { type GcpContext, isSameReference } from "../project.ts";
import { regionOfZone } from "../seeds.ts";
import { TYPE } from "../types.ts";
import { INSTANCE_OUTPUTS, instanceProperties, NEEDS_STOP } from "./instance-properties.ts";

const OPERATION = "compute.zoneOperations.get";

/** An instance. Where the world has a machine host, a real machine stands behind it. */
export const instanceKind: ResourceKind<GcpContext> = {
  properties: instanceProperties,
  outputs: INSTANCE_OUTPUTS,
  autoName,
  reads: ["compute.instances.get", "compute.disks.get"],
  validate: validateInstance,
  check: ({ networkInterfaces: given }) =>
    hasUnknown(given)
      ? []
      : (given as Properties[]).flatMap(({ network, subnetwork }, index) =>
          network === undefined && subnetwork === undefined
            ? [{ property: `networkInterfaces[${index}]`, reason: "one of `network,subnetwork` must be specified" }]
            : [],
        ),
  replaces: (changed, actual, asked) => (changed.has("networkInterfaces") && !isSameNetwork(actual, asked) ? ["networkInterfaces"] : []),
  recomputes: (changed) =>
    ["metadata", "labels", "tags"].flatMap((name) => (changed.has(name) ? [`${name === "labels" ? "label" : name}Fingerprint`] : [])),

  async create(api, inputs, context) {
    await api.look("compute.zones.get", "compute.images.getFromFamily", ...permissionsFor(inputs.networkInterfaces as Properties[]));
    await api.look("compute.disks.create", "compute.instances.setMetadata", "compute.instances.setLabels");
    if (hasDiskLabels(inputs)) await api.look("compute.disks.setLabels");
    if (inputs.tags !== undefined) await api.look("compute.instances.setTags");
    if (inputs.serviceAccount !== undefined) await api.look("compute.instances.setServiceAccount", "iam.serviceAccounts.actAs");
    await api.create("compute.instances.create", (state) => launch(state, inputs, context));
    await start(api);
  },

  async update(api, { changed, inputs, record }, apply) {
    const isRunning = record.currentStatus === "RUNNING";
    const mustStop = isRunning && NEEDS_STOP.some((name) => changed.has(name));
    if (mustStop && inputs.allowStoppingForUpdate !== true)
      throw new ApiError(
        "",
        'Changing the machine_type, min_cpu_platform, service_account, enable_display, shielded_instance_config, scheduling.node_affinities or network_interface.[#d].(network/subnetwork/subnetwork_project) or advanced_machine_features on a started instance requires stopping it. To acknowledge this, please set allow_stopping_for_update = true in your config. You can also stop it by setting desired_status = "TERMINATED", but the instance will not be restarted after the apply.',
      );
    const atOnce = [...changed].filter((name) => !NEEDS_STOP.includes(name) && name !== "networkInterfaces");
    await apply(new Set(atOnce));
    if (changed.has("networkInterfaces")) await changeAddresses(api, inputs);
    if (mustStop) await stop(api);
    if (changed.has("serviceAccount")) await api.look("iam.serviceAccounts.actAs");
    await apply(new Set(NEEDS_STOP.filter((name) => changed.has(name))));
    await api.note((current, state) => {
      Object.assign(current, fingerprints(current));
      if (current.serviceAccount !== undefined) current.serviceAccount = serviceAccount(state, current.serviceAccount as Properties);
    });
    if (mustStop) {
      await api.look("compute.instances.start");
      await start(api);
    }
  },

  async delete(api, { deletionProtection, name }) {
    if (deletionProtection === true)
      throw new ApiError(
        "",
        `Cannot delete instance ${String(name)}: instance Deletion Protection is enabled. Set deletion_protection to false for this resource and run "pulumi up" before attempting to delete it.`,
      );
    await api.change("compute.instances.delete", setStatus("STOPPING"));
    await ask(api, "terminate");
    await api.remove(OPERATION);
    await api.note((_record, state) => noteUsers(state));
  },
};

function hasDiskLabels({ bootDisk }: Properties): boolean {
  const { initializeParams } = bootDisk as { initializeParams?: { labels?: object } };
  return Object.keys(initializeParams?.labels ?? {}).length > 0;
}

/** An interface stays where it is: its addresses may change in place, its internal one only with another subnetwork. */
function isSameNetwork(actual: Properties, asked: Properties): boolean {
  if (hasUnknown(asked.networkInterfaces)) return false;
  const [before, after] = [actual.networkInterfaces, asked.networkInterfaces].map((all) => all as Properties[]);
  if (before?.length !== after?.length) return false;
  return (before ?? []).every((former, index) => {
    const latter = after?.[index] ?? {};
    return ["network", "subnetwork", "networkIp", "nicType"].every(
      (part) => latter[part] === undefined || former[part] === latter[part] || isSameReference(former[part], latter[part]),
    );
  });
}

async function changeAddresses(api: Api, inputs: Properties): Promise<void> {
  await api.look("compute.instances.deleteAccessConfig", OPERATION, ...permissionsFor(inputs.networkInterfaces as Properties[]));
  await api.change("compute.instances.addAccessConfig", (current, state) => {
    const place = {
      project: String(current.project),
      region: regionOfZone(String(current.zone)) ?? "",
      instanceId: api.id ?? "",
    };
    const asked = (inputs.networkInterfaces as Properties[]).map((one, index) => ({
      ...one,
      networkIp: (current.networkInterfaces as Properties[])[index]?.networkIp,
    }));
    current.networkInterfaces = networkInterfaces(state, asked, place);
    noteUsers(state);
  });
  await api.look(OPERATION);
}

/** Has the machine run and waits until it does. */
async function start(api: Api): Promise<void> {
  const refusal = await ask(api, "start");
  await api.change(OPERATION, setStatus(refusal === undefined ? "RUNNING" : "TERMINATED"));
  if (refusal !== undefined) throw new ApiError("", `Error waiting for instance to create: ${refusal}`);
}

async function stop(api: Api): Promise<void> {
  await api.change("compute.instances.stop", setStatus("STOPPING"));
  await ask(api, "stop");
  await api.change(OPERATION, setStatus("TERMINATED"));
}

function setStatus(currentStatus: string): (record: WorldRecord) => void {
  return (record) => {
    record.currentStatus = currentStatus;
  };
}

/** Why the machine host will not, or `undefined` when it has done it. A machine is known by the instance's number. */
async function ask(api: Api, what: MachineRequest["do"]): Promise<string | undefined> {
  const instance = String(api.world.find(TYPE.instance, api.id ?? "")?.instanceId);
  const answer = await askMachineHost(api.world, { do: what, instance });
  return answer.ok ? undefined : answer.reason;
}
