import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform.ts";
import type { AwsScope } from "./aws-scope.ts";
import type { AwsMailbox } from "./mailbox.ts";

/** Who the machine is to AWS. */
export interface Identity {
  readonly instanceProfileName: pulumi.Output<string>;
  /** What the machine may do; it cannot start without. */
  readonly policy: pulumi.Resource;
}

/** Makes a role that may read its own bastion's parameters, and do nothing else. */
export function createIdentity({ name, spec, tags, transforms, parent }: AwsScope, mailbox: AwsMailbox): Identity {
  const role = new aws.iam.Role(
    `${name}-role`,
    ...transformed(
      transforms.role,
      {
        description: "The machine of a reverse SSH bastion",
        assumeRolePolicy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
        }),
        ...(spec.permissionsBoundaryArn === undefined ? {} : { permissionsBoundary: spec.permissionsBoundaryArn }),
        tags,
      },
      { parent },
    ),
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-role-policy`,
    ...transformed(
      transforms.rolePolicy,
      {
        role: role.name,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: "ssm:GetParameters", Resource: mailbox.parameterArns },
            // AWS's own key for SSM lets everybody decrypt who may read the parameter; another one has to be named.
            ...(spec.kmsKeyArn === undefined ? [] : [{ Effect: "Allow", Action: "kms:Decrypt", Resource: spec.kmsKeyArn }]),
          ],
        }),
      },
      { parent },
    ),
  );
  const profile = new aws.iam.InstanceProfile(
    `${name}-instance-profile`,
    ...transformed(transforms.instanceProfile, { role: role.name, tags }, { parent }),
  );
  return { instanceProfileName: profile.name, policy };
}
