import type { Target } from "./customer-draft.ts";

/** Settings of the targets that are asked for, each as one text. */
export interface PlacementAnswers {
  readonly region?: string | undefined;
  readonly zone?: string | undefined;
  readonly location?: string | undefined;
  readonly namespace?: string | undefined;
  readonly image?: string | undefined;
  /** A kind with its setting: `load-balancer=aws`, `node-port=30022`, `none`. */
  readonly exposure?: string | undefined;
  readonly host?: string | undefined;
}

/** What a person has said about a new customer, as it was typed. */
export interface Answers extends PlacementAnswers {
  readonly name?: string | undefined;
  readonly target?: string | undefined;
  readonly clientCidrs: readonly string[];
  readonly consumerCidrs: readonly string[];
  /** Each `name=host:port[@bindPort]`. */
  readonly tunnels: readonly string[];
  /** Each `name[=publicKeyFile]`. */
  readonly clients: readonly string[];
}

export interface Placement {
  readonly setting: keyof PlacementAnswers;
  /** Targets that have it. */
  readonly targets: readonly Target[];
  readonly isRequired: boolean;
  readonly question: string;
  readonly example: string;
}

/** The settings of the targets, in the order in which they are asked for. */
export const PLACEMENTS: readonly Placement[] = [
  { setting: "region", targets: ["aws"], isRequired: false, question: "Region, such as eu-central-1", example: "eu-central-1" },
  { setting: "zone", targets: ["gcp"], isRequired: true, question: "Zone, such as europe-west3-a", example: "europe-west3-a" },
  { setting: "location", targets: ["azure"], isRequired: true, question: "Location, such as westeurope", example: "westeurope" },
  { setting: "namespace", targets: ["kubernetes"], isRequired: true, question: "Namespace, which must exist", example: "bastions" },
  {
    setting: "image",
    targets: ["kubernetes"],
    isRequired: true,
    question: "The bastion's image, pinned by its digest",
    example: `registry.example.com/reverse-bastion@sha256:${"0".repeat(64)}`,
  },
  {
    setting: "exposure",
    targets: ["kubernetes"],
    isRequired: true,
    question: "Way to sshd: load-balancer=aws|gcp|azure|other, node-port=PORT, nginx-tcp-services, gateway-tcp-route=GATEWAY/SECTION, none",
    example: "load-balancer=aws",
  },
  {
    setting: "host",
    targets: ["local", "kubernetes"],
    isRequired: false,
    question: "Name or address that clients dial",
    example: "bastion.example.com",
  },
];

/** Right answers to every question: what stands for those that are missing, while the others are checked. */
export const EXAMPLE_ANSWERS: Answers = {
  name: "example",
  target: "local",
  clientCidrs: ["198.51.100.0/24"],
  consumerCidrs: ["10.20.0.0/16"],
  tunnels: ["orders=orders-db.example.internal:5432"],
  clients: ["dc1"],
};
