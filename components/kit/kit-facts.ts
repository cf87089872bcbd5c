import { type CertificateLogin, PRINCIPAL } from "../core/certificate-login.ts";
import type { BastionDescription, TunnelDescription } from "../core/describe-bastion.ts";
import { renderDestination } from "../core/destination.ts";
import type { PlacedTunnel } from "../core/forward.ts";
import { checkName } from "../core/name.ts";
import { InvalidInputError, type Problem, problemsAt, quoteForMessage, refuseIfAny } from "../core/problem.ts";
import { asProblems } from "../core/problem-list.ts";
import { renderClientSshConfig } from "../core/ssh-config.ts";
import { checkHost, checkLoginUser } from "./check-outputs.ts";
import { parseRemoteForward } from "./remote-forward.ts";

/** What a kit is made of: what the stack of a customer's bastion exports. One kit is one client's. */
export interface KitSource {
  readonly customer: string;
  readonly description: BastionDescription;
  readonly client: string;
}

/** A tunnel of the client whose kit it is. */
export interface KitTunnel {
  readonly name: string;
  readonly bindPort: number;
  /** `host:port` inside the customer's network. */
  readonly destination: string;
  /** What follows `-R`. */
  readonly remoteForward: string;
  /** `host:port` at which consumers reach it over the network; none for a tunnel on loopback. */
  readonly consumerAddresses: readonly string[];
}

/** What the files of a kit say, checked. Nothing in it is secret. */
export interface KitFacts {
  readonly customer: string;
  readonly client: string;
  /** Name of the kit's folder. */
  readonly folder: string;
  /** Name of what keeps the tunnels up: the unit of systemd, the container, the task. */
  readonly serviceName: string;
  readonly host: string;
  readonly sshPort: number;
  readonly user: string;
  /** File beside the others that is delivered separately: the client's private key. */
  readonly keyFile: string;
  readonly knownHosts: string;
  readonly hostKeys: readonly { readonly type: string; readonly fingerprint: string }[];
  /** Fingerprints of the client's keys. */
  readonly fingerprints: readonly string[];
  /** Which certificates the client may log in with; left out where it has no authority. */
  readonly certificates?: CertificateLogin | undefined;
  readonly tunnels: readonly KitTunnel[];
  /** The `ssh_config` of the kit. Its files are relative: ssh runs in the folder that holds them. */
  readonly sshConfig: string;
}

/** What the kit's `ssh_config` calls the bastion: `ssh -F ssh_config bastion`. */
export const HOST_ALIAS = "bastion";

const KNOWN_HOSTS = /^(?:[\w.:[\]-]+ [\w@.-]+ [A-Za-z0-9+/]+={0,2}\n)+$/;

const FINGERPRINT = /^SHA256:[\w+/-]+$/;

/**
 * Derives the facts of a client's kit.
 *
 * The outputs of a stack come from a file that others can write to, so nothing gets into a command unchecked.
 *
 * @throws InvalidInputError with all problems at once.
 */
export function kitFacts({ customer, description, client: clientName }: KitSource): KitFacts {
  const { host, sshPort, user, knownHosts, hostKeys } = description;
  const client = description.clients.find(({ name }) => name === clientName);
  if (client === undefined) throw new InvalidInputError([{ path: "client", reason: unknownClient(clientName, description) }]);
  const tunnels = client.tunnels.map((name) => readTunnel(name, description));
  refuseIfAny([
    ...asProblems("customer", checkName(customer)),
    ...asProblems("client", checkName(clientName)),
    ...asProblems("host", checkHost(host)),
    ...asProblems("sshPort", Number.isInteger(sshPort) && sshPort >= 1 && sshPort <= 65535 ? undefined : "expected a port"),
    ...asProblems("user", checkLoginUser(user)),
    ...asProblems("knownHosts", KNOWN_HOSTS.test(knownHosts) ? undefined : "expected a line for each host key"),
    ...asProblems("hostKeys", hostKeys.length > 0 ? undefined : "expected at least one"),
    ...asProblems("clients", client.fingerprints.every((one) => FINGERPRINT.test(one)) ? undefined : "expected fingerprints of its keys"),
    ...asProblems("clients", checkCertificateLogin(client.certificates)),
    ...asProblems("clients", tunnels.length > 0 ? undefined : `client "${clientName}" may open no tunnel`),
    ...tunnels.flatMap(({ problems }) => problems),
  ]);
  const placed = tunnels.flatMap((tunnel) => tunnel.placed ?? []);
  const keyFile = `${clientName}.key`;
  const login = { host, sshPort, user, identityFile: `./${keyFile}`, knownHostsFile: "./known_hosts" };
  const folder = `${customer}-${clientName}`;
  return {
    customer,
    client: clientName,
    folder,
    serviceName: `reverse-bastion-tunnel-${folder}`,
    host,
    sshPort,
    user,
    keyFile,
    knownHosts,
    hostKeys: hostKeys.map(({ type, fingerprint }) => ({ type, fingerprint })),
    fingerprints: client.fingerprints,
    certificates: client.certificates,
    tunnels: tunnels.flatMap(({ tunnel }) => tunnel ?? []),
    sshConfig: renderClientSshConfig(HOST_ALIAS, login, placed),
  };
}

function checkCertificateLogin(certificates: CertificateLogin | undefined): string | undefined {
  if (certificates === undefined) return undefined;
  const { authorities, principals } = certificates;
  const isRight = authorities.every((one) => FINGERPRINT.test(one)) && principals.every((one) => PRINCIPAL.test(one));
  return isRight ? undefined : "expected fingerprints of its authorities, and principals";
}

interface ReadTunnel {
  readonly tunnel?: KitTunnel;
  readonly placed?: PlacedTunnel;
  readonly problems: readonly Problem[];
}

function readTunnel(name: string, { tunnels }: BastionDescription): ReadTunnel {
  const index = tunnels.findIndex((tunnel) => tunnel.name === name);
  const description = tunnels[index];
  if (description === undefined) return { problems: [{ path: "tunnels", reason: `there is no tunnel ${quoteForMessage(name)}` }] };
  const problems = asProblems(`tunnels[${index}].name`, checkName(name));
  try {
    return { ...placeTunnel(description), problems };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return { problems: [...problems, ...problemsAt(`tunnels[${index}].remoteForward`, error.problems)] };
  }
}

function placeTunnel({ name, bindPort, remoteForward, consumerAddresses }: TunnelDescription): { tunnel: KitTunnel; placed: PlacedTunnel } {
  const forward = parseRemoteForward(remoteForward);
  if (forward === undefined || forward.bindPort !== bindPort)
    throw new InvalidInputError([
      {
        path: "",
        reason:
          forward === undefined
            ? `tunnel "${name}" has no destination, and a kit's commands are run as they are; write its destination into the customer's file`
            : `tunnel "${name}" has bind port ${bindPort}, and its remote forward another one`,
      },
    ]);
  const destination = renderDestination(forward.destination);
  return {
    tunnel: { name, bindPort, destination, remoteForward, consumerAddresses },
    placed: { ...forward, name, requestedBindPort: bindPort },
  };
}

function unknownClient(name: string, { clients }: BastionDescription): string {
  const known = clients.map((client) => `"${client.name}"`).join(", ");
  return `there is no client ${quoteForMessage(name)}; ${known === "" ? "the bastion has none" : `the bastion has ${known}`}`;
}
