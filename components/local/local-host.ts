import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../host/machine.ts";

export interface LocalHostRequest {
  /** Tells the bastions of one machine apart. */
  readonly id: string;
  readonly directory?: string | undefined;
  readonly tunnelUser: string;
  readonly consumerUser: string;
}

/** Looks at the machine that the deployment runs on; known in a preview already. */
export function getLocalHost(request: LocalHostRequest, parent: pulumi.Resource): pulumi.Output<Machine> {
  return pulumi.runtime.invokeOutput<Machine>("reverse-bastion:local:getHost", request as unknown as pulumi.Inputs, { parent });
}
