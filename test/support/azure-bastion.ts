import { AzureBastion, type AzureBastionArgs, type AzureBastionOptions } from "../../components/azure/azure-bastion.ts";
import { AZURE_ENGINE, LOCATION } from "./azure-engine.ts";
import { DEPLOYABLE } from "./bastions.ts";
import { deploy, type EngineOptions } from "./engine.ts";
import { resourceIn } from "./registered.ts";

/** `type::name` of the component. */
export const COMPONENT = "reverse-bastion:azure:AzureBastion::acme";

/** Tags of everything in these tests. */
export const TAGS = { "reverse-bastion": "project/stack/acme" };

/** The names that Azure's provider gives, and where everything is made. */
export const GROUP = "acme-resource-group01234567";
export const NETWORK = "acme-virtual-network89abcdef";
export const PLACE = { resourceGroupName: GROUP, location: LOCATION };

/** Deploys the bastion `acme`. */
export const up = (args: Partial<AzureBastionArgs> = {}, engine: EngineOptions = {}, options: AzureBastionOptions = {}) =>
  deploy(() => new AzureBastion("acme", { ...DEPLOYABLE, location: LOCATION, ...args }, options), { ...AZURE_ENGINE, ...engine });

/** The inputs of one resource of the bastion `acme`. */
export const inputsOf = async (name: string, args: Partial<AzureBastionArgs> = {}, engine: EngineOptions = {}) =>
  resourceIn((await up(args, engine)).registered, name).inputs;
