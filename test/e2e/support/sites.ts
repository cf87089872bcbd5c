import { AWS } from "./aws-site.ts";
import { describeWithMachines } from "./cloud.ts";
import { describeAsRoot } from "./root.ts";
import { LOCAL, type Site } from "./site.ts";

/** Everything a bastion can run on: what is promised of one is shown on each. */
const SITES: readonly (readonly [Site, (title: string, tests: () => void) => void])[] = [
  [LOCAL, describeAsRoot],
  [AWS, describeWithMachines],
];

/** A group of tests that is run on every site. */
export function describeOnEverySite(title: string, tests: (site: Site) => void): void {
  for (const [site, describe] of SITES) describe(`${title} (${site.target})`, () => tests(site));
}
