import { GcpBastion, type GcpBastionArgs, type GcpBastionOptions } from "../../components/gcp/gcp-bastion.ts";
import { DEPLOYABLE } from "./bastions.ts";
import { deploy, type EngineOptions } from "./engine.ts";
import { GCP_ENGINE, ZONE } from "./gcp-engine.ts";
import { resourceIn } from "./registered.ts";

/** `type::name` of the component. */
export const COMPONENT = "reverse-bastion:gcp:GcpBastion::acme";

/** Labels of everything in these tests. */
export const LABELS = { "reverse-bastion": "project_stack_acme" };

/** What makes the ids of these tests the bastion's own: the beginning of the SHA-256 of `project/stack/acme`. */
export const SUFFIX = "82ccb975";
export const SERVICE_ACCOUNT = `bastion-acme-${SUFFIX}@acme-data-prod.iam.gserviceaccount.com`;

/** Deploys the bastion `acme`. */
export const up = (args: Partial<GcpBastionArgs> = {}, engine: EngineOptions = {}, options: GcpBastionOptions = {}) =>
  deploy(() => new GcpBastion("acme", { ...DEPLOYABLE, zone: ZONE, ...args }, options), { ...GCP_ENGINE, ...engine });

/** The inputs of one resource of the bastion `acme`. */
export const inputsOf = async (name: string, args: Partial<GcpBastionArgs> = {}, engine: EngineOptions = {}) =>
  resourceIn((await up(args, engine)).registered, name).inputs;
