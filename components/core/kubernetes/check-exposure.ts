import { checkCidr } from "../cidr.ts";
import type { PartialDeep } from "../partial.ts";
import { type Problem, problemsAt, quoteForMessage } from "../problem.ts";
import { asProblems, each } from "../problem-list.ts";
import {
  type ExposureSpec,
  type GatewaySpec,
  ExposureKind as Kind,
  LoadBalancerCloud,
  type LoadBalancerSpec,
  type NginxSpec,
} from "./exposure-spec.ts";
import { checkAnnotations } from "./labels.ts";
import { checkLabelName, checkObjectName } from "./object-name.ts";
import { checkPort } from "./port.ts";

/** What the settings of each kind are called, and what to do where a kind that needs them has none. */
const SETTINGS = {
  loadBalancer: { kind: Kind.LoadBalancer, missing: 'is missing; say whose it is, such as "loadBalancer: { cloud: aws }"' },
  nodePort: { kind: Kind.NodePort, missing: "is missing; give a port of 30000–32767 that is free in the cluster" },
  nginx: { kind: Kind.NginxTcpServices, missing: undefined },
  gateway: {
    kind: Kind.GatewayTcpRoute,
    missing: 'is missing; name the Gateway and its listener: "gateway: { name: …, sectionName: … }"',
  },
} as const;

const API_VERSION = /^gateway\.networking\.k8s\.io\/v\d+(?:(?:alpha|beta)\d+)?$/;

/** Everything that is wrong with the way to sshd. */
export function checkExposure(spec: PartialDeep<ExposureSpec>): Problem[] {
  const { kind, loadBalancer, nodePort, nginx, gateway } = spec;
  const settings = Object.entries(SETTINGS).flatMap(([name, setting]) =>
    asProblems(name, checkPresence(spec[name as keyof typeof SETTINGS] !== undefined, setting, kind)),
  );
  return [
    ...settings,
    ...(loadBalancer === undefined ? [] : problemsAt("loadBalancer", checkLoadBalancer(loadBalancer))),
    ...(nodePort === undefined ? [] : asProblems("nodePort", checkNodePort(nodePort))),
    ...(nginx === undefined ? [] : problemsAt("nginx", checkNginx(nginx))),
    ...(gateway === undefined ? [] : problemsAt("gateway", checkGateway(gateway))),
  ];
}

/** Whether the name that clients dial has to be given, since nothing that is made here knows it. */
export function needsHost(kind: Kind | undefined): boolean {
  return kind === Kind.NodePort || kind === Kind.NginxTcpServices || kind === Kind.GatewayTcpRoute;
}

function checkPresence(isGiven: boolean, setting: { readonly kind: Kind; readonly missing: string | undefined }, kind: Kind | undefined) {
  if (kind === undefined || isGiven === (kind === setting.kind)) return undefined;
  return isGiven ? `goes with the exposure ${setting.kind}, and this one is ${kind}; leave it out` : setting.missing;
}

function checkLoadBalancer({ cloud, internal, loadBalancerClass, annotations, probeCidrs }: PartialDeep<LoadBalancerSpec>): Problem[] {
  const unknown = "cannot be said to a cloud that is not known here; say it in annotations, and leave this out";
  const noClass = `got ${quoteForMessage(loadBalancerClass)}; expected something like "service.k8s.aws/nlb"`;
  const isClass = loadBalancerClass === undefined || /^[\w.-]+(?:\/[\w.-]+)?$/.test(loadBalancerClass);
  return [
    ...asProblems("cloud", cloud === undefined ? `is missing; allowed is ${Object.values(LoadBalancerCloud).join(", ")}` : undefined),
    ...asProblems("internal", internal === true && cloud === LoadBalancerCloud.Other ? unknown : undefined),
    ...asProblems("loadBalancerClass", isClass ? undefined : noClass),
    ...(annotations === undefined ? [] : problemsAt("annotations", checkAnnotations(annotations))),
    ...each("probeCidrs", probeCidrs, (cidr) => asProblems("", checkCidr(cidr))),
  ];
}

function checkNodePort(port: number): string | undefined {
  return Number.isInteger(port) && port >= 30000 && port <= 32767 ? undefined : `got ${port}; allowed is 30000–32767`;
}

function checkNginx({ configMap, namespace, port }: PartialDeep<NginxSpec>): Problem[] {
  return [
    ...asProblems("configMap", ifGiven(configMap, checkObjectName)),
    ...asProblems("namespace", ifGiven(namespace, checkLabelName)),
    ...asProblems("port", ifGiven(port, checkPort)),
  ];
}

function checkGateway({ name, namespace, sectionName, port, apiVersion, proxyNamespace }: PartialDeep<GatewaySpec>): Problem[] {
  return [
    ...asProblems("name", name === undefined ? "is missing; name the Gateway" : checkObjectName(name)),
    ...asProblems("sectionName", sectionName === undefined ? "is missing; name the listener of the Gateway" : checkObjectName(sectionName)),
    ...asProblems("namespace", ifGiven(namespace, checkLabelName)),
    ...asProblems("port", ifGiven(port, checkPort)),
    ...asProblems("apiVersion", ifGiven(apiVersion, checkApiVersion)),
    ...asProblems("proxyNamespace", ifGiven(proxyNamespace, checkLabelName)),
  ];
}

function checkApiVersion(version: string): string | undefined {
  if (API_VERSION.test(version)) return undefined;
  return `got ${quoteForMessage(version)}; expected "gateway.networking.k8s.io/v1", or "…/v1alpha2" before Gateway API 1.6`;
}

function ifGiven<T>(value: T | undefined, check: (value: T) => string | undefined): string | undefined {
  return value === undefined ? undefined : check(value);
}
