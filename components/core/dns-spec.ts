import { isHostName } from "./destination.ts";
import type { PartialDeep } from "./partial.ts";
import { type Problem, quoteForMessage } from "./problem.ts";
import { asProblems } from "./problem-list.ts";

/** The name of a bastion in a zone of the target's own DNS service. Clients then dial a name that outlives its address. */
export interface DnsSpec {
  /** Zone the record goes into, such as `ssh.example.com`. It must exist. */
  readonly zone: string;
  /**
   * The zone's id at its DNS service, where looking it up by name is not allowed or finds two.
   *
   * @default - looked up by `zone`
   */
  readonly zoneId?: string | undefined;
  /**
   * Name of the record below the zone, one label or more.
   *
   * @default - the bastion's own name: `acme.ssh.example.com`
   */
  readonly name?: string | undefined;
}

/** Everything that is wrong with a DNS name. */
export function checkDns({ zone, name }: PartialDeep<DnsSpec>): Problem[] {
  return [
    ...asProblems("zone", zone === undefined ? undefined : checkDomain(zone, "the zone's name, such as ssh.example.com")),
    ...asProblems("name", name === undefined ? undefined : checkDomain(name, "a name below the zone, such as acme")),
  ];
}

/** The full name of a bastion's record, without a dot at its end. */
export function hostNameIn({ zone, name }: DnsSpec, bastionName: string): string {
  return `${name ?? bastionName}.${zone}`;
}

function checkDomain(text: string, expected: string): string | undefined {
  return isHostName(text) && !text.includes("_") ? undefined : `got ${quoteForMessage(text)}; expected ${expected}`;
}
