import type { NetworkPolicy, PolicyPeer, PolicyPort } from "../api/network-policy.ts";
import { matches } from "./selector.ts";
import { blockSet } from "./service-rules.ts";

/** A pod in the node's network. */
export interface NetworkedPod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  /** The node's interface towards it. */
  readonly link: string;
  /** Its ports that have names. */
  readonly namedPorts: Readonly<Record<string, number>>;
}

/** Labels of namespaces by their names. */
export type NamespaceLabels = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** What may come to a pod and leave it; `undefined` where no policy says so, and everything may. */
export interface PodRules {
  readonly pod: NetworkedPod;
  readonly ingress: readonly string[] | undefined;
  readonly egress: readonly string[] | undefined;
}

/** A policy's rules about one pod: each line lets something through, and what none does is dropped. */
export function policyRules(policies: readonly NetworkPolicy[], pods: readonly NetworkedPod[], namespaces: NamespaceLabels): PodRules[] {
  return pods.map((pod) => {
    const own = policies.filter(({ metadata, spec }) => metadata.namespace === pod.namespace && matches(spec.podSelector, pod.labels));
    const ofType = (type: "Ingress" | "Egress") => own.filter(({ spec }) => spec.policyTypes?.includes(type));
    const ingress = ofType("Ingress");
    const egress = ofType("Egress");
    return {
      pod,
      ingress:
        ingress.length === 0
          ? undefined
          : ingress.flatMap(({ spec }) =>
              (spec.ingress ?? []).flatMap(({ from, ports }) =>
                lines("saddr", from, pod.namespace, pods, namespaces, matchPorts(ports, pod.namedPorts)),
              ),
            ),
      egress:
        egress.length === 0
          ? undefined
          : egress.flatMap(({ spec }) =>
              (spec.egress ?? []).flatMap(({ to, ports }) => lines("daddr", to, pod.namespace, pods, namespaces, matchPorts(ports, {}))),
            ),
    };
  });
}

/** The rule for each peer with each of the ports; an absent list stands for all. */
function lines(
  end: "saddr" | "daddr",
  peers: readonly PolicyPeer[] | undefined,
  namespace: string,
  pods: readonly NetworkedPod[],
  namespaces: NamespaceLabels,
  ports: readonly string[],
): string[] {
  const addressed =
    peers === undefined || peers.length === 0 ? [""] : peers.flatMap((peer) => matchPeer(end, peer, namespace, pods, namespaces));
  return addressed.flatMap((peer) => ports.map((port) => [peer, port, "return"].filter(Boolean).join(" ")));
}

function matchPeer(
  end: "saddr" | "daddr",
  { ipBlock, namespaceSelector, podSelector }: PolicyPeer,
  namespace: string,
  pods: readonly NetworkedPod[],
  namespaces: NamespaceLabels,
): string[] {
  if (ipBlock !== undefined) {
    // This network has no addresses of the other family.
    if (ipBlock.cidr.includes(":")) return [];
    const block = blockSet([ipBlock.cidr]);
    const inside = block === undefined ? [] : [`ip ${end} ${block}`];
    const except = ipBlock.except === undefined || ipBlock.except.length === 0 ? [] : [`ip ${end} != ${blockSet(ipBlock.except)}`];
    return [[...inside, ...except].join(" ")];
  }
  const selected = pods.filter(
    (pod) =>
      (namespaceSelector === undefined ? pod.namespace === namespace : matches(namespaceSelector, namespaces.get(pod.namespace))) &&
      matches(podSelector ?? {}, pod.labels),
  );
  return selected.length === 0 ? [] : [`ip ${end} { ${selected.map(({ address }) => address).join(", ")} }`];
}

function matchPorts(ports: readonly PolicyPort[] | undefined, named: Readonly<Record<string, number>>): string[] {
  if (ports === undefined || ports.length === 0) return [""];
  return ports.flatMap(({ protocol = "TCP", port, endPort }) => {
    const match = protocol.toLowerCase();
    if (port === undefined) return [`meta l4proto ${match}`];
    const number = typeof port === "number" ? port : named[port];
    return number === undefined ? [] : [`${match} dport ${number}${endPort === undefined ? "" : `-${endPort}`}`];
  });
}
