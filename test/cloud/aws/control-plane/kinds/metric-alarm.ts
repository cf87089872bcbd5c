import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import type { WorldRecord } from "../../../world/world.ts";
import { type AwsContext, arnOf, regionOf } from "../account.ts";
import { tagsOf, tagsProperty } from "../tags.ts";

const LONGEST_NAME = 255;
const MOST_ACTIONS = 5;
const PERIODS_SECONDS = [10, 20, 30];
const PUT = ["cloudwatch:PutMetricAlarm"];
/** What EC2 does to an instance by itself when an alarm of its own goes off. */
const EC2_ACTION = /^arn:aws:automate:([a-z0-9-]+):ec2:(recover|stop|terminate|reboot)$/;

/** An alarm on one metric. */
export const metricAlarmKind: ResourceKind<AwsContext> = {
  properties: {
    ...tagsProperty("cloudwatch"),
    actionsEnabled: { type: "boolean", default: true, changedBy: PUT },
    alarmActions: { type: { set: "string" }, changedBy: PUT },
    alarmDescription: { type: "string", changedBy: PUT },
    comparisonOperator: {
      type: "string",
      required: true,
      changedBy: PUT,
      allowed: ["GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"],
    },
    datapointsToAlarm: { type: "number", changedBy: PUT },
    dimensions: { type: { map: "string" }, changedBy: PUT },
    evaluationPeriods: { type: "number", required: true, changedBy: PUT },
    insufficientDataActions: { type: { set: "string" }, changedBy: PUT },
    metricName: { type: "string", required: true, changedBy: PUT },
    name: {
      type: "string",
      computed: true,
      replaces: true,
      check: (name: string) =>
        name === "" || name.length > LONGEST_NAME ? `expected length of name to be in the range (1 - ${LONGEST_NAME})` : undefined,
    },
    namespace: { type: "string", required: true, changedBy: PUT },
    okActions: { type: { set: "string" }, changedBy: PUT },
    period: { type: "number", changedBy: PUT, check: checkPeriod },
    region: { type: "string", computed: true, replaces: true },
    statistic: { type: "string", changedBy: PUT, allowed: ["SampleCount", "Average", "Sum", "Minimum", "Maximum"] },
    threshold: { type: "number", changedBy: PUT },
    treatMissingData: { type: "string", default: "missing", changedBy: PUT, allowed: ["breaching", "notBreaching", "ignore", "missing"] },
    unit: { type: "string", changedBy: PUT },
  },
  outputs: ["arn", "evaluateLowSampleCountPercentiles"],
  autoName: { property: "name", longest: LONGEST_NAME },
  reads: ["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"],
  validate: refuseAlarm,

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    if (Object.keys((inputs.tags ?? {}) as object).length > 0) await api.look("cloudwatch:TagResource");
    await api.create("cloudwatch:PutMetricAlarm", (state) => {
      const name = String(inputs.name);
      const record: WorldRecord = {
        ...inputs,
        ...tagsOf(inputs, "ValidationError"),
        actionsEnabled: inputs.actionsEnabled ?? true,
        arn: arnOf(state, "cloudwatch", region, `alarm:${name}`),
        evaluateLowSampleCountPercentiles: "",
        region,
        treatMissingData: inputs.treatMissingData ?? "missing",
      };
      refuseAlarm(record);
      return { id: name, record };
    });
  },

  async delete(api) {
    await api.remove("cloudwatch:DeleteAlarms");
  },
};

function checkPeriod(seconds: number): string | undefined {
  return PERIODS_SECONDS.includes(seconds) || (seconds > 0 && seconds % 60 === 0)
    ? undefined
    : `expected period to be one of ${PERIODS_SECONDS.join(", ")} or a multiple of 60, got ${seconds}`;
}

function refuseAlarm(record: WorldRecord): void {
  const refuse = (message: string): never => {
    throw new ApiError("ValidationError", message);
  };
  if (record.statistic === undefined) refuse("The parameter Statistic or ExtendedStatistic must be set");
  if (record.period === undefined) refuse("The parameter Period must be set");
  if (!(Number(record.evaluationPeriods) >= 1)) refuse("The parameter EvaluationPeriods must be greater than or equal to 1");
  if (Number(record.datapointsToAlarm ?? 1) > Number(record.evaluationPeriods))
    refuse("DatapointsToAlarm must be less than or equal to EvaluationPeriods");
  for (const name of ["alarmActions", "okActions", "insufficientDataActions"]) {
    const actions = (record[name] ?? []) as string[];
    if (actions.length > MOST_ACTIONS) refuse(`The collection ${name} must not have a size greater than ${MOST_ACTIONS}`);
    for (const action of actions) refuseAction(action, record, refuse);
  }
}

/** Actions of EC2 are for alarms on one instance of the same region. */
function refuseAction(action: string, record: WorldRecord, refuse: (message: string) => never): void {
  if (!action.startsWith("arn:aws:")) refuse(`Invalid alarm action: ${action}`);
  if (!action.startsWith("arn:aws:automate:")) return;
  const [, region] = EC2_ACTION.exec(action) ?? [];
  if (region !== record.region) refuse(`Invalid region ${region ?? action} specified. Only ${String(record.region)} is supported.`);
  const { InstanceId } = (record.dimensions ?? {}) as Record<string, string>;
  if (record.namespace !== "AWS/EC2" || InstanceId === undefined) refuse(`Invalid use of EC2 '${action}' action.`);
}
