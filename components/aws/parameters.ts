import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type DocumentPlan, planParts } from "../shared/mailbox-parts.ts";
import { transformed } from "../shared/transform.ts";
import type { AwsScope } from "./aws-scope.ts";

/** What a parameter of the standard tier holds (PutParameter). The standard tier costs nothing. */
const PARAMETER_BYTES = 4096;

/** Puts one document into as many parameters as it may need, and the manifest that says what they are last. */
export function createDocument(scope: AwsScope, prefix: string, plan: DocumentPlan, description: string): aws.ssm.Parameter[] {
  const { role } = plan;
  const { parts, manifest } = planParts(plan, PARAMETER_BYTES, scope.parent);
  const partParameters = parts.map((value, i) =>
    createParameter(scope, `${role}-${i + 1}`, {
      name: `${prefix}/${role}/${i + 1}`,
      type: "String",
      value,
      description: `${description}, part ${i + 1}`,
    }),
  );
  // The machine looks at the manifest only: what it describes has to be there by then.
  const last = { name: `${prefix}/${role}/manifest`, type: "String", value: manifest, description } as const;
  return [...partParameters, createParameter(scope, `${role}-manifest`, last, partParameters)];
}

/** Makes one parameter of a bastion, as the child `${name}-${role}`. */
export function createParameter(
  { name, tags, transforms, parent }: AwsScope,
  role: string,
  args: aws.ssm.ParameterArgs,
  dependsOn: pulumi.Resource[] = [],
): aws.ssm.Parameter {
  return new aws.ssm.Parameter(
    `${name}-${role}`,
    // The names are fixed. What an interrupted deployment has left behind is written over, not stumbled over.
    ...transformed(transforms.parameter, { tier: "Standard", overwrite: true, ...args, tags }, { parent, dependsOn }),
  );
}
