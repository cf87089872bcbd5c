import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";

/** What every stack exports, whichever target it runs on. */
export function stackOutputs(bastion: BastionOutputs): BastionOutputs {
  const {
    host,
    sshPort,
    user,
    consumerUser,
    endpoint,
    consumerEndpoint,
    hostKeys,
    knownHosts,
    tunnels,
    clients,
    consumers,
    clientPrivateKeys,
    consumerPrivateKeys,
  } = bastion;
  return {
    host,
    sshPort,
    user,
    consumerUser,
    endpoint,
    consumerEndpoint,
    hostKeys,
    knownHosts,
    tunnels,
    clients,
    consumers,
    clientPrivateKeys,
    consumerPrivateKeys,
  };
}
