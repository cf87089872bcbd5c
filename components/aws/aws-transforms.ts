import type * as aws from "@pulumi/aws";
import type { Transform } from "../shared/transform.ts";

/**
 * A way to whatever the settings do not offer, one for each kind of child. What is changed here is nobody's
 * promise but yours: the bastion's own settings come first.
 */
export interface AwsTransforms {
  readonly vpc?: Transform<aws.ec2.VpcArgs> | undefined;
  readonly internetGateway?: Transform<aws.ec2.InternetGatewayArgs> | undefined;
  readonly subnet?: Transform<aws.ec2.SubnetArgs> | undefined;
  readonly routeTable?: Transform<aws.ec2.RouteTableArgs> | undefined;
  readonly securityGroup?: Transform<aws.ec2.SecurityGroupArgs> | undefined;
  readonly ingressRule?: Transform<aws.vpc.SecurityGroupIngressRuleArgs> | undefined;
  readonly egressRule?: Transform<aws.vpc.SecurityGroupEgressRuleArgs> | undefined;
  readonly networkInterface?: Transform<aws.ec2.NetworkInterfaceArgs> | undefined;
  readonly elasticIp?: Transform<aws.ec2.EipArgs> | undefined;
  readonly parameter?: Transform<aws.ssm.ParameterArgs> | undefined;
  readonly role?: Transform<aws.iam.RoleArgs> | undefined;
  readonly rolePolicy?: Transform<aws.iam.RolePolicyArgs> | undefined;
  readonly instanceProfile?: Transform<aws.iam.InstanceProfileArgs> | undefined;
  readonly keyPair?: Transform<aws.ec2.KeyPairArgs> | undefined;
  readonly instance?: Transform<aws.ec2.InstanceArgs> | undefined;
  readonly alarm?: Transform<aws.cloudwatch.MetricAlarmArgs> | undefined;
  readonly record?: Transform<aws.route53.RecordArgs> | undefined;
}
