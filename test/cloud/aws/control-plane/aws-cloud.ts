import { randomUUID } from "node:crypto";
import { isSecret, type Properties, withoutSecrets } from "../../plugin/values.ts";
import { type ApiDialect, ApiError } from "../../world/provider/api.ts";
import type { Cloud, ResourceKind } from "../../world/provider/resource-kind.ts";
import type { AwsContext } from "./account.ts";
import { FUNCTIONS } from "./functions.ts";
import { eipAssociationKind, eipKind } from "./kinds/eip.ts";
import { instanceProfileKind } from "./kinds/iam-instance-profile.ts";
import { roleKind, rolePolicyKind } from "./kinds/iam-role.ts";
import { instanceKind } from "./kinds/instance.ts";
import { internetGatewayKind } from "./kinds/internet-gateway.ts";
import { keyPairKind } from "./kinds/key-pair.ts";
import { metricAlarmKind } from "./kinds/metric-alarm.ts";
import { networkInterfaceKind } from "./kinds/network-interface.ts";
import { routeKind, routeTableAssociationKind, routeTableKind } from "./kinds/route-table.ts";
import { recordKind } from "./kinds/route53-record.ts";
import { securityGroupKind } from "./kinds/security-group.ts";
import { securityGroupEgressRuleKind, securityGroupIngressRuleKind } from "./kinds/security-group-rule.ts";
import { parameterKind } from "./kinds/ssm-parameter.ts";
import { subnetKind } from "./kinds/subnet.ts";
import { vpcKind } from "./kinds/vpc.ts";
import { seedsOf } from "./seeds.ts";
import { TYPE } from "./types.ts";

const SERVICES: Readonly<Record<string, { name: string; throttled: string; refused: string }>> = {
  ec2: { name: "EC2", throttled: "RequestLimitExceeded", refused: "UnauthorizedOperation" },
  iam: { name: "IAM", throttled: "Throttling", refused: "AccessDenied" },
  ssm: { name: "SSM", throttled: "ThrottlingException", refused: "AccessDeniedException" },
  route53: { name: "Route 53", throttled: "Throttling", refused: "AccessDenied" },
  cloudwatch: { name: "CloudWatch", throttled: "Throttling", refused: "AccessDenied" },
  sts: { name: "STS", throttled: "Throttling", refused: "AccessDenied" },
};

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

const dialect: ApiDialect = {
  throttled: (action) => new ApiError(serviceOf(action).throttled, "Rate exceeded"),
  refused: (action) => new ApiError(serviceOf(action).refused, `You are not authorized to perform this operation: ${action}`),
  patienceSeconds: (state) => seedsOf(state).patienceSeconds,
};

/** AWS, as the provider of `@pulumi/aws` sees it. */
export const awsCloud: Cloud<AwsContext> = {
  version: "7.48.0",
  dialect,
  functions: FUNCTIONS,
  kinds: {
    [TYPE.vpc]: vpcKind,
    [TYPE.internetGateway]: internetGatewayKind,
    [TYPE.subnet]: subnetKind,
    [TYPE.routeTable]: routeTableKind,
    [TYPE.route]: routeKind,
    [TYPE.routeTableAssociation]: routeTableAssociationKind,
    [TYPE.securityGroup]: securityGroupKind,
    [TYPE.securityGroupIngressRule]: securityGroupIngressRuleKind,
    [TYPE.securityGroupEgressRule]: securityGroupEgressRuleKind,
    [TYPE.networkInterface]: networkInterfaceKind,
    [TYPE.eip]: eipKind,
    [TYPE.eipAssociation]: eipAssociationKind,
    [TYPE.instance]: instanceKind,
    [TYPE.keyPair]: keyPairKind,
    [TYPE.role]: roleKind,
    [TYPE.rolePolicy]: rolePolicyKind,
    [TYPE.instanceProfile]: instanceProfileKind,
    [TYPE.parameter]: parameterKind,
    [TYPE.record]: recordKind,
    [TYPE.metricAlarm]: metricAlarmKind,
  },

  checkConfig(variables) {
    const region = regionIn(variables);
    if (region === undefined)
      return [{ property: "region", reason: "Missing region information: set `aws:region` or the environment variable AWS_REGION" }];
    return REGION.test(region) ? [] : [{ property: "region", reason: `invalid AWS Region: ${region}` }];
  },

  configure(variables) {
    const given = withoutSecrets(variables.defaultTags);
    const { tags = {} } = (typeof given === "string" ? JSON.parse(given) : (given ?? {})) as { tags?: Record<string, string> };
    return { region: regionIn(variables) ?? "", defaultTags: tags };
  },

  replacingVariables: ["region"],

  derive: (inputs, kind) => (kind.properties.tags === undefined ? {} : { tagsAll: inputs.tags ?? {} }),

  complete: (inputs, kind, { defaultTags }) => withDefaultTags(inputs, kind, defaultTags),

  describe({ action, code, message }, doing) {
    // What the provider finds out by itself carries no code, or no call.
    if (code === "") return message;
    if (action === "") return `${doing}: api error ${code}: ${message}`;
    const [, operation = ""] = action.split(":");
    const { name } = serviceOf(action);
    return `${doing}: operation error ${name}: ${operation}, https response error StatusCode: 400, RequestID: ${randomUUID()}, api error ${code}: ${message}`;
  },
};

function withDefaultTags(inputs: Properties, kind: ResourceKind<AwsContext>, defaultTags: Readonly<Record<string, string>>): Properties {
  if (kind.properties.tags === undefined || Object.keys(defaultTags).length === 0 || isSecret(inputs.tags)) return inputs;
  return { ...inputs, tags: { ...defaultTags, ...(inputs.tags as object | undefined) } };
}

function regionIn(variables: Properties): string | undefined {
  const region = withoutSecrets(variables.region) ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  return typeof region === "string" && region !== "" ? region : undefined;
}

function serviceOf(action: string) {
  const service = SERVICES[action.split(":")[0] ?? ""];
  if (service === undefined) throw new TypeError(`no service of AWS for ${action}`);
  return service;
}
