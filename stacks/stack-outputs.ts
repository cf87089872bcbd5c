import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";

const NAMES = [
  "host",
  "sshPort",
  "statusPort",
  "user",
  "consumerUser",
  "endpoint",
  "consumerEndpoint",
  "hostKeys",
  "knownHosts",
  "tunnels",
  "clients",
  "consumers",
  "operators",
  "clientPrivateKeys",
  "consumerPrivateKeys",
  "operatorPrivateKeys",
] as const satisfies readonly (keyof BastionOutputs)[];

/** What every stack exports, whichever target it runs on. */
export function stackOutputs(bastion: BastionOutputs): Pick<BastionOutputs, (typeof NAMES)[number]> {
  return Object.fromEntries(NAMES.map((name) => [name, bastion[name]])) as unknown as Pick<BastionOutputs, (typeof NAMES)[number]>;
}
