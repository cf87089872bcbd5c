import type { GeneratedKeyKind } from "../../../components/core/bastion-spec.ts";
import type { ExposureSpec } from "../../../components/core/kubernetes/exposure-spec.ts";
import type { CustomerFile } from "../../../stacks/customer-file.ts";

/** What a bastion can run on. */
export const TARGETS = ["local", "aws", "gcp", "azure", "kubernetes"] as const satisfies readonly CustomerFile["target"][];
export type Target = (typeof TARGETS)[number];

export interface TunnelDraft {
  readonly name: string;
  readonly destination: string;
  /** Left out, one is allocated. */
  readonly bindPort?: number;
}

export interface ClientDraft {
  readonly name: string;
  readonly publicKeys?: readonly string[];
  readonly generateKey?: GeneratedKeyKind;
}

/** The settings of a target that a new file may have. */
export interface PlacementDraft {
  readonly local?: { readonly host?: string };
  readonly aws?: { readonly region: string };
  readonly gcp?: { readonly zone: string };
  readonly azure?: { readonly location: string };
  readonly kubernetes?: { readonly namespace: string; readonly image: string; readonly exposure: ExposureSpec; readonly host?: string };
}

/** What `bastion init` writes into a customer's file. The rest is for the customer's file itself. */
export interface CustomerDraft extends PlacementDraft {
  readonly customer: string;
  readonly target: Target;
  readonly clientCidrs: readonly string[];
  readonly consumerCidrs: readonly string[];
  readonly tunnels: readonly TunnelDraft[];
  readonly clients: readonly ClientDraft[];
}
