import type { MetricAlertArgs } from "@pulumi/azure-native/monitor/metricAlert.js";
import { MetricAlert } from "@pulumi/azure-native/monitor/metricAlert.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../shared/transform.ts";
import type { PrivateLinkScope } from "./private-link-scope.ts";

/** Azure's name for the share of probes that a machine answers, in percent. */
const PROBE_STATUS = "DipAvailability";
const MACHINE = "BackendIPAddress";
/** Below this, a machine was down for most of the time that is looked at. */
const LEAST_PERCENT = 50;

/** The command that shows what the probes say, for each machine and port: 100 is up, 0 is down. */
export function healthCommandOf(loadBalancerId: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.interpolate`az monitor metrics list --resource '${loadBalancerId}' --metrics ${PROBE_STATUS} --aggregation Average --interval PT1M --dimension ${MACHINE} BackendPort --output table`;
}

/** Tells people when a machine fails its probes. */
export function createHealthAlert(
  scope: PrivateLinkScope<{ readonly metricAlert?: Transform<MetricAlertArgs> | undefined }>,
  loadBalancerId: pulumi.Output<string>,
  actionGroupIds: readonly string[],
): MetricAlert {
  const { name, resourceGroup, tags, transforms, parent } = scope;
  return new MetricAlert(
    `${name}-health-alert`,
    ...transformed(
      transforms.metricAlert,
      {
        resourceGroupName: resourceGroup,
        location: "global",
        description: `A machine behind the Private Link Service ${name} does not answer`,
        enabled: true,
        severity: 1,
        scopes: [loadBalancerId],
        evaluationFrequency: "PT1M",
        windowSize: "PT5M",
        autoMitigate: true,
        criteria: {
          odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
          allOf: [
            {
              criterionType: "StaticThresholdCriterion",
              name: "probes",
              metricNamespace: "Microsoft.Network/loadBalancers",
              metricName: PROBE_STATUS,
              timeAggregation: "Average",
              operator: "LessThan",
              threshold: LEAST_PERCENT,
              dimensions: [MACHINE, "BackendPort"].map((dimension) => ({ name: dimension, operator: "Include", values: ["*"] })),
            },
          ],
        },
        actions: actionGroupIds.map((actionGroupId) => ({ actionGroupId })),
        tags,
      },
      { parent },
    ),
  );
}
