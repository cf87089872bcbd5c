import { refuseIpv6 } from "../address-family.ts";
import { checkCidr } from "../cidr.ts";
import type { LoginUsers } from "../key-set.ts";
import { checkUserName } from "../name.ts";
import type { PartialDeep } from "../partial.ts";
import { type Problem, problemsAt, quoteForMessage } from "../problem.ts";
import { asProblems, each } from "../problem-list.ts";
import { KUBERNETES_DEFAULTS } from "./kubernetes-defaults.ts";
import { checkKey, checkLabels } from "./labels.ts";
import { checkLabelName } from "./object-name.ts";
import { checkPort } from "./port.ts";
import { WorkloadKeySource as Source, type WorkloadsSpec } from "./workloads-spec.ts";

/** What of a bastion its discovery has to keep clear of. */
export interface Discoverer {
  readonly namespace: string | undefined;
  /** Labels of its own pod. */
  readonly podLabels: Readonly<Record<string, string | undefined>>;
  readonly users: LoginUsers;
}

const DEFAULTS = KUBERNETES_DEFAULTS.workloads;

/** The key sources that a setting goes with. */
const KEY_SOURCES = {
  annotation: [Source.Annotation, Source.Secret, Source.ConfigMap],
  dataKey: [Source.Secret, Source.ConfigMap],
  httpPort: [Source.Http],
  httpPath: [Source.Http],
} as const satisfies Partial<Record<keyof WorkloadsSpec, readonly Source[]>>;

/** Each key names every port of every pod that carries it, and sshd takes 4,096 of those. */
const MOST_SSH_PORTS = 8;
const DATA_KEY = /^(?!\.\.|\.$)[-\w.]{1,253}$/;
const HTTP_PATH = /^\/[!-~]*$/;

const NO_NAMESPACES = "is empty, so no pod would be found; name the namespaces of the pods, or leave it out for the bastion's own";
const NO_PORTS = "is empty, so nobody could be forwarded; name the ports of the pods' sshd, or leave it out for 2222";
const NO_LABELS = "is empty, so every pod would match; name a label of the pods that have SSH enabled";
const NO_API = "is empty, so the API server could not be asked; name its blocks, or leave it out for anywhere";
const ITSELF = "are those of the bastion's own pod too, so it would discover itself; name a label that only workloads have";

/** Everything that is wrong with the workload pods whose users' keys are to be discovered. */
export function checkWorkloads(spec: PartialDeep<WorkloadsSpec>, bastion: Discoverer): Problem[] {
  const {
    annotation = DEFAULTS.annotation,
    dataKey = DEFAULTS.dataKey,
    httpPort = DEFAULTS.httpPort,
    httpPath = DEFAULTS.httpPath,
    user = DEFAULTS.user,
    kubeApiPort = DEFAULTS.kubeApiPort,
  } = spec;
  return [
    ...checkList("namespaces", spec.namespaces, NO_NAMESPACES, checkLabelName),
    ...problemsAt("podLabels", checkPodLabels(spec, bastion)),
    ...checkList("sshPorts", spec.sshPorts, NO_PORTS, checkPort),
    ...asProblems("sshPorts", checkPortCount(spec.sshPorts)),
    ...checkKeySource(spec),
    ...asProblems("annotation", checkKey(annotation)),
    ...asProblems("dataKey", checkDataKey(dataKey)),
    ...asProblems("httpPort", checkPort(httpPort)),
    ...asProblems("httpPath", checkHttpPath(httpPath)),
    ...asProblems("user", checkJumpUser(user, bastion.users)),
    ...asProblems("kubeApiPort", checkPort(kubeApiPort)),
    ...checkList("kubeApiCidrs", spec.kubeApiCidrs, NO_API, checkApiCidr),
  ];
}

/** Checks a list that has to have something in it, and nothing twice. */
function checkList<T extends string | number>(
  path: string,
  values: readonly (T | undefined)[] | undefined,
  empty: string,
  check: (value: T) => string | undefined,
): Problem[] {
  if (values?.length === 0) return asProblems(path, empty);
  return each(path, values, (value, index) => {
    const first = values?.indexOf(value) ?? index;
    return asProblems("", check(value) ?? (first < index ? `is the same as ${path}[${first}]; name it once` : undefined));
  });
}

function checkPodLabels({ podLabels, namespaces }: PartialDeep<WorkloadsSpec>, bastion: Discoverer): Problem[] {
  const labels = Object.entries(podLabels ?? DEFAULTS.podLabels);
  if (labels.length === 0) return asProblems("", NO_LABELS);
  const isLookedAt = namespaces === undefined || namespaces.includes(bastion.namespace);
  const isFound = labels.every(([key, value]) => bastion.podLabels[key] === value);
  return [...checkLabels(podLabels ?? {}), ...asProblems("", isLookedAt && isFound ? ITSELF : undefined)];
}

function checkPortCount(ports: readonly unknown[] = []): string | undefined {
  if (ports.length <= MOST_SSH_PORTS) return undefined;
  return `has ${ports.length} ports; allowed are ${MOST_SSH_PORTS}, since each key names them all for each of its pods; leave some out`;
}

/** A setting of another source would be without effect, and its author would not know. */
function checkKeySource(spec: PartialDeep<WorkloadsSpec>): Problem[] {
  const { keySource = DEFAULTS.keySource } = spec;
  return Object.entries(KEY_SOURCES).flatMap(([name, sources]) => {
    if (spec[name as keyof typeof KEY_SOURCES] === undefined || (sources as readonly Source[]).includes(keySource)) return [];
    return asProblems(name, `goes with the key source ${sources.join(", ")}; say so in keySource, or leave it out`);
  });
}

function checkDataKey(key: string): string | undefined {
  if (DATA_KEY.test(key)) return undefined;
  return `got ${quoteForMessage(key)}; a key of a Secret's or ConfigMap's data is 1–253 letters, digits, "-", "_" and "."`;
}

function checkHttpPath(path: string): string | undefined {
  if (HTTP_PATH.test(path)) return undefined;
  return `got ${quoteForMessage(path)}; expected a path such as "/authorized_keys", of printable ASCII without spaces`;
}

function checkJumpUser(user: string, { tunnel, consumer }: LoginUsers): string | undefined {
  const whose = user === tunnel ? "clients" : user === consumer ? "consumers" : undefined;
  if (whose === undefined) return checkUserName(user);
  return `${quoteForMessage(user)} is who ${whose} log in as; give the users of workloads one of their own`;
}

function checkApiCidr(cidr: string): string | undefined {
  return checkCidr(cidr) ?? refuseIpv6(cidr, "name the IPv4 block of the API server");
}
