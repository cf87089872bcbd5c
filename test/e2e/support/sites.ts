import { AWS } from "./aws-site.ts";
import { AZURE } from "./azure-site.ts";
import { describeWithMachines } from "./cloud.ts";
import type { CloudTarget } from "./cloud-site.ts";
import { GCP } from "./gcp-site.ts";
import { describeAsRoot } from "./root.ts";
import { LOCAL, type Site } from "./site.ts";

/** Every cloud that has a target: what is promised of one is shown on each. */
export const CLOUDS: readonly CloudTarget[] = [AWS, GCP, AZURE];

/** A group of tests that is run on everything a bastion can run on. */
export function describeOnEverySite(title: string, tests: (site: Site) => void): void {
  describeAsRoot(`${title} (${LOCAL.target})`, () => tests(LOCAL));
  for (const cloud of CLOUDS) describeWithMachines(`${title} (${cloud.target})`, () => tests(cloud.withMachines()));
}

/** A group of tests that is run on every cloud, where machines boot. */
export function describeOnEveryCloud(title: string, tests: (cloud: CloudTarget) => void): void {
  for (const cloud of CLOUDS) describeWithMachines(`${title} (${cloud.target})`, () => tests(cloud));
}

/** A group of tests about resources only, that is run on every cloud. */
export function describeRecordsOfEveryCloud(title: string, tests: (cloud: CloudTarget) => void): void {
  for (const cloud of CLOUDS) describeAsRoot(`${title} (${cloud.target})`, () => tests(cloud));
}
