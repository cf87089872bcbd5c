import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { packDocument, renderManifest, splitDocument } from "../host/mailbox-document.ts";
import type { AwsScope } from "./aws-scope.ts";
import { transformed } from "./aws-transforms.ts";

/** What a parameter of the standard tier holds (PutParameter). The standard tier costs nothing. */
const PARAMETER_BYTES = 4096;
/** What stands in a part that is not needed at the moment: SSM refuses an empty value. */
const UNUSED = "-";

/** A document that goes into parameters. */
export interface DocumentPlan {
  /** Its folder below the prefix, and the role of its parameters. */
  readonly role: string;
  readonly description: string;
  readonly document: pulumi.Input<string>;
  /** How large it is at the most, packed: how many parts there are cannot depend on what a preview does not know. */
  readonly packedBytes: number;
}

/** Puts one document into as many parameters as it may need, and the manifest that says what they are last. */
export function createDocument(scope: AwsScope, prefix: string, plan: DocumentPlan): aws.ssm.Parameter[] {
  const { role, description, packedBytes } = plan;
  const document = pulumi.output(plan.document);
  const partCount = Math.ceil(packedBytes / PARAMETER_BYTES);
  const parts = document.apply((text) => splitDocument(packDocument(text), PARAMETER_BYTES));
  const manifest = pulumi.all([document, parts]).apply(([text, all]) => {
    if (all.length > partCount)
      throw new pulumi.ResourceError(`${role}: ${all.length} parts, and room was made for ${partCount}`, scope.parent);
    return renderManifest(text, all.length);
  });
  const partParameters = Array.from({ length: partCount }, (_, i) =>
    createParameter(scope, `${role}-${i + 1}`, {
      name: `${prefix}/${role}/${i + 1}`,
      type: "String",
      value: parts.apply((all) => all[i] ?? UNUSED),
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
