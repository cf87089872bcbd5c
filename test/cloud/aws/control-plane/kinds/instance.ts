import { askMachineHost, type MachineRequest } from "../../../world/machine-host.ts";
import { type Api, ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { type AwsContext, regionOf } from "../account.ts";
import { refuseOtherArchitecture } from "../instance-type.ts";
import { imageOf, launch, releaseInterface } from "../launch.ts";
import { tagOnCreate } from "../tags.ts";
import { TYPE } from "../types.ts";
import { usableProfile } from "./iam-instance-profile.ts";
import { INSTANCE_OUTPUTS, instanceProperties, isTooMuchUserData } from "./instance-properties.ts";
import { checkGroups } from "./network-interface.ts";

/** Changes that EC2 takes of a stopped instance only. */
const NEEDS_STOP = ["instanceType", "userData", "userDataBase64"];

/** An instance. Where the world has a machine host, a real machine stands behind it. */
export const instanceKind: ResourceKind<AwsContext> = {
  properties: instanceProperties,
  outputs: INSTANCE_OUTPUTS,
  reads: [
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeVolumes",
    "ec2:DescribeInstanceAttribute",
    "ec2:DescribeInstanceCreditSpecifications",
    "ec2:DescribeTags",
  ],
  isGone: ({ instanceState }) => instanceState === "terminated",
  validate,
  check: (inputs) =>
    ["ami", "instanceType"].flatMap((property) =>
      inputs[property] === undefined
        ? [{ property, reason: `Missing required argument. "${property}": one of \`${property},launch_template\` must be specified` }]
        : [],
    ),
  replaces: (changed, _actual, asked) =>
    asked.userDataReplaceOnChange === true ? ["userData", "userDataBase64"].filter((name) => changed.has(name)) : [],
  recomputes: (changed) => (NEEDS_STOP.some((name) => changed.has(name)) ? ["publicIp", "publicDns", "instanceState"] : []),

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    await tagOnCreate(api, { tags: { ...(inputs.tags as object | undefined), ...(inputs.volumeTags as object | undefined) } });
    if (inputs.rootBlockDevice !== undefined) await api.look("ec2:DescribeImages");
    if (inputs.iamInstanceProfile !== undefined) await api.look("iam:PassRole");
    await api.create("ec2:RunInstances", (state) => launch(state, inputs, region));
    await start(api);
  },

  async update(api, { changed, inputs, record }, apply) {
    const mustStop = NEEDS_STOP.some((name) => changed.has(name)) && record.instanceState === "running";
    if (mustStop) await stop(api);
    await apply();
    if (changed.has("vpcSecurityGroupIds"))
      await api.note((_record, state) => {
        const network = state.records[TYPE.networkInterface]?.[String(record.primaryNetworkInterfaceId)];
        if (network !== undefined) network.securityGroups = inputs.vpcSecurityGroupIds;
      });
    if (mustStop) {
      await api.change("ec2:StartInstances", setState("pending"));
      await start(api);
    }
  },

  async delete(api, { disableApiTermination, forceDestroy }) {
    if (disableApiTermination === true && forceDestroy === true)
      await api.change("ec2:ModifyInstanceAttribute", (record) => {
        record.disableApiTermination = false;
      });
    await api.call("ec2:TerminateInstances", (state) => {
      const record = state.records[TYPE.instance]?.[api.id ?? ""];
      if (record === undefined) return;
      if (record.disableApiTermination === true)
        throw new ApiError(
          "OperationNotPermitted",
          `The instance '${api.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
        );
      record.instanceState = "shutting-down";
    });
    await ask(api, "terminate");
    await api.remove("ec2:DescribeInstances", (record, state) => releaseInterface(state, record));
  },
};

function validate(record: WorldRecord, state: WorldState): void {
  refuseOtherArchitecture(imageOf(state, String(record.ami)), String(record.instanceType));
  if (isTooMuchUserData(record)) throw new ApiError("InvalidParameterValue", "User data is limited to 16384 bytes");
  if (record.iamInstanceProfile !== undefined && record.iamInstanceProfile !== "") usableProfile(state, record.iamInstanceProfile);
  checkGroups(state, record.vpcSecurityGroupIds, String(record.subnetId), String(record.region));
}

/** Has the machine run and waits until it does. */
async function start(api: Api): Promise<void> {
  const refusal = await ask(api, "start");
  await api.change("ec2:DescribeInstances", (record, state) => {
    record.instanceState = refusal === undefined ? "running" : "terminated";
    if (refusal !== undefined) releaseInterface(state, record);
  });
  if (refusal === undefined) return;
  throw new ApiError(
    "Server.InternalError",
    `waiting for EC2 Instance (${api.id}) create: unexpected state 'terminated', wanted target 'running'. last error: ${refusal}`,
  );
}

async function stop(api: Api): Promise<void> {
  await api.change("ec2:StopInstances", (record) => {
    if (record.disableApiStop === true)
      throw new ApiError(
        "OperationNotPermitted",
        `The instance '${api.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
      );
    record.instanceState = "stopping";
  });
  await ask(api, "stop");
  await api.change("ec2:DescribeInstances", setState("stopped"));
}

function setState(instanceState: string): (record: WorldRecord) => void {
  return (record) => {
    record.instanceState = instanceState;
  };
}

/** Why the machine host will not, or `undefined` when it has done it. */
async function ask(api: Api, what: MachineRequest["do"]): Promise<string | undefined> {
  const answer = await askMachineHost(api.world, { do: what, instance: api.id ?? "" });
  return answer.ok ? undefined : answer.reason;
}
