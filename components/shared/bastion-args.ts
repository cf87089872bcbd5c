import type { BastionSpec } from "../core/bastion-spec.ts";

/** What every bastion takes, whatever it runs on: plain values, since they decide which resources exist. */
export interface BastionArgs extends BastionSpec {}
