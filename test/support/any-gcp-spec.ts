import fc from "fast-check";
import type { GcpSpec } from "../../components/core/gcp/gcp-spec.ts";
import type { PartialDeep } from "../../components/core/partial.ts";
import { ED25519_A } from "./keys.ts";

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** A text that belongs somewhere, or nowhere. */
const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    "10.255.0.7",
    "10.0.0.0/8",
    "2001:db8::/32",
    "::/0",
    "europe-west3-a",
    "europe-west3",
    "prod",
    "e2-micro",
    "t2a-standard-1",
  ),
  fc.constantFrom("projects/acme-data/regions/europe-west3/subnetworks/prod", "projects/debian-cloud/global/images/debian-13-arm64-v1"),
  fc.constantFrom("constructor", "__proto__", "goog-x", "Team", "a.b", "tunnel", "\u001b[2J\n", ED25519_A.line),
);

/** Settings of a bastion on Compute Engine in which every value is of the right type, and any may be missing or wrong. */
export const anyGcpSpec: fc.Arbitrary<PartialDeep<GcpSpec>> = fc.record({
  zone: optional(text),
  project: optional(text),
  network: optional(text),
  subnetwork: optional(text),
  networkCidr: optional(text),
  privateAddress: optional(text),
  privateOnly: optional(fc.boolean()),
  machineType: optional(text),
  image: optional(fc.constantFrom("debian-13", "debian-12", "ubuntu-24.04")),
  imageId: optional(text),
  diskSizeGib: optional(fc.integer({ min: -1, max: 70_000 })),
  kmsKeyName: optional(text),
  secureBoot: optional(fc.boolean()),
  dns: optional(fc.record({ zone: optional(text), zoneId: optional(text), name: optional(text) })),
  admin: optional(
    fc.record({
      publicKey: optional(text),
      user: optional(text),
      osLogin: optional(fc.boolean()),
      cidrs: optional(fc.array(optional(text), { maxLength: 3 })),
    }),
  ),
  firewallNote: optional(text),
  labels: optional(fc.dictionary(text, optional(text), { maxKeys: 4 })),
});
