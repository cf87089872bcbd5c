import { AwsBastion, type AwsBastionArgs, type AwsBastionOptions } from "../../components/aws/aws-bastion.ts";
import { AWS_ENGINE } from "./aws-engine.ts";
import { DEPLOYABLE } from "./bastions.ts";
import { deploy, type EngineOptions } from "./engine.ts";
import { resourceIn } from "./registered.ts";

/** `type::name` of the component. */
export const COMPONENT = "reverse-bastion:aws:AwsBastion::acme";

/** Tags of everything in these tests. */
export const TAGS = { Name: "acme", "reverse-bastion": "project/stack/acme" };

/** Deploys the bastion `acme`. */
export const up = (args: Partial<AwsBastionArgs> = {}, engine: EngineOptions = {}, options: AwsBastionOptions = {}) =>
  deploy(() => new AwsBastion("acme", { ...DEPLOYABLE, ...args }, options), { ...AWS_ENGINE, ...engine });

/** The inputs of one resource of the bastion `acme`. */
export const inputsOf = async (name: string, args: Partial<AwsBastionArgs> = {}, engine: EngineOptions = {}) =>
  resourceIn((await up(args, engine)).registered, name).inputs;
