import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { AWS_DEFAULTS } from "../core/aws/aws-defaults.ts";
import { parsePublicKey, renderPublicKey } from "../core/public-key.ts";
import { renderAwsUserData } from "../host/cloud-init.ts";
import { transformed } from "../shared/transform.ts";
import type { BastionAddress } from "./address.ts";
import type { AwsScope } from "./aws-scope.ts";
import type { Identity } from "./identity.ts";
import { findImage } from "./machine-image.ts";
import type { AwsMailbox } from "./mailbox.ts";

/** What a machine is made of. */
export interface MachineParts {
  readonly address: BastionAddress;
  readonly identity: Identity;
  readonly mailbox: AwsMailbox;
  /** What else has to be there before the machine can reach its mailbox. */
  readonly ways: readonly pulumi.Resource[];
}

/** Makes the machine of a bastion. Everything that must survive it belongs to somebody else: addresses, keys, files. */
export function createMachine(scope: AwsScope, { address, identity, mailbox, ways }: MachineParts): aws.ec2.Instance {
  const { name, spec, tags, transforms, parent } = scope;
  const image = findImage(scope);
  const adminKey = createAdminKey(scope);
  const instance = new aws.ec2.Instance(
    `${name}-instance`,
    ...transformed(
      transforms.instance,
      {
        ami: image.imageId,
        instanceType: spec.instanceType ?? AWS_DEFAULTS.instanceType,
        primaryNetworkInterface: { networkInterfaceId: address.networkInterfaceId },
        iamInstanceProfile: identity.instanceProfileName,
        ...(adminKey === undefined ? {} : { keyName: adminKey.keyName }),
        // With one hop, only the machine itself gets an answer, and with tokens no request that was smuggled in.
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        rootBlockDevice: {
          volumeType: "gp3",
          volumeSize: spec.diskSizeGib ?? AWS_DEFAULTS.diskSizeGib,
          encrypted: true,
          deleteOnTermination: true,
          ...(spec.kmsKeyArn === undefined ? {} : { kmsKeyId: spec.kmsKeyArn }),
        },
        maintenanceOptions: { autoRecovery: "default" },
        userData: mailbox.region.apply((region) =>
          renderAwsUserData({ region, prefix: mailbox.prefix, keepDefaultUser: spec.admin !== undefined }),
        ),
        // Otherwise the machine would be stopped and started for nothing: cloud-init reads user data once.
        userDataReplaceOnChange: true,
        tags,
        volumeTags: tags,
      },
      {
        parent,
        // A network interface is one machine's at a time.
        deleteBeforeReplace: true,
        ignoreChanges: image.isLookedUp ? ["ami"] : [],
        // A newer image is ignored; another system or architecture is not, and gets its newest image.
        replacementTrigger: image.kind,
        dependsOn: [...ways, ...address.ways, ...mailbox.parameters, identity.policy],
      },
    ),
  );
  if (spec.rebootWhenUnresponsive ?? true) createAlarm(scope, instance);
  return instance;
}

function createAdminKey({ name, spec, tags, transforms, parent }: AwsScope): aws.ec2.KeyPair | undefined {
  if (spec.admin === undefined) return undefined;
  const publicKey = renderPublicKey(parsePublicKey(spec.admin.publicKey));
  return new aws.ec2.KeyPair(`${name}-admin-key`, ...transformed(transforms.keyPair, { publicKey, tags }, { parent }));
}

/** EC2 recovers from broken hardware by itself, and from a hanging system when it is told to. */
function createAlarm({ name, tags, transforms, parent }: AwsScope, instance: aws.ec2.Instance): void {
  const action = instance.arn.apply((arn) => {
    const [, partition, , region] = arn.split(":");
    return `arn:${partition}:automate:${region}:ec2:reboot`;
  });
  new aws.cloudwatch.MetricAlarm(
    `${name}-unresponsive`,
    ...transformed(
      transforms.alarm,
      {
        alarmDescription: "The machine of a reverse SSH bastion does not answer, and is rebooted",
        namespace: "AWS/EC2",
        metricName: "StatusCheckFailed_Instance",
        dimensions: { InstanceId: instance.id },
        statistic: "Maximum",
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        period: 60,
        evaluationPeriods: 3,
        treatMissingData: "missing",
        alarmActions: [action],
        tags,
      },
      { parent },
    ),
  );
}
