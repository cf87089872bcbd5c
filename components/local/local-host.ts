import * as pulumi from "@pulumi/pulumi";

/** What has to be known of this machine before a bastion's files can be rendered for it. */
export interface LocalHost {
  readonly directory: string;
  readonly sshd: string;
  readonly sshKeygen: string;
  readonly python: string;
  readonly opensshVersion: string;
  readonly tunnelUser: string;
  readonly consumerUser: string;
}

export interface LocalHostRequest {
  /** Tells the bastions of one machine apart. */
  readonly id: string;
  readonly directory?: string | undefined;
  readonly tunnelUser: string;
  readonly consumerUser: string;
}

/** Looks at the machine that the deployment runs on; known in a preview already. */
export function getLocalHost(request: LocalHostRequest, parent: pulumi.Resource): pulumi.Output<LocalHost> {
  return pulumi.runtime.invokeOutput<LocalHost>("reverse-bastion:local:getHost", request as unknown as pulumi.Inputs, { parent });
}
