import fc from "fast-check";
import type { AzureSpec } from "../../components/core/azure/azure-spec.ts";
import type { PartialDeep } from "../../components/core/partial.ts";
import { GALLERY_IMAGE_ID, SUBNET_ID, VIRTUAL_NETWORK_ID, ZONE_ID } from "./azure-engine.ts";
import { ED25519_A } from "./keys.ts";

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** A text that belongs somewhere, or nowhere. */
const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom("10.255.0.7", "10.0.0.0/8", "2001:db8::/32", "::/0", "westeurope", "West Europe", "prod", "1", "latest"),
  fc.constantFrom("Standard_B2ats_v2", "Standard_B2pts_v2", "Standard_A1_v2", "Microsoft.Sql"),
  fc.constantFrom(VIRTUAL_NETWORK_ID, SUBNET_ID, ZONE_ID, GALLERY_IMAGE_ID),
  fc.constantFrom("constructor", "__proto__", "microsoft.x", "Team", "a.b", "tunnel", "\u001b[2J\n", ED25519_A.line),
);

/** Settings of a bastion on Azure in which every value is of the right type, and any may be missing or wrong. */
export const anyAzureSpec: fc.Arbitrary<PartialDeep<AzureSpec>> = fc.record({
  location: optional(text),
  resourceGroup: optional(text),
  virtualNetworkId: optional(text),
  subnetId: optional(text),
  networkCidr: optional(text),
  privateAddress: optional(text),
  privateOnly: optional(fc.boolean()),
  serviceEndpoints: optional(fc.array(optional(text), { maxLength: 3 })),
  vmSize: optional(text),
  image: optional(fc.constantFrom("debian-13", "debian-12", "ubuntu-24.04")),
  imageVersion: optional(text),
  imageId: optional(text),
  diskSizeGib: optional(fc.integer({ min: -1, max: 5_000 })),
  diskEncryptionSetId: optional(text),
  trustedLaunch: optional(fc.boolean()),
  zone: optional(text),
  dns: optional(fc.record({ zone: optional(text), zoneId: optional(text), name: optional(text) })),
  admin: optional(
    fc.record({ publicKey: optional(text), user: optional(text), cidrs: optional(fc.array(optional(text), { maxLength: 3 })) }),
  ),
  firewallNote: optional(text),
  tags: optional(fc.dictionary(text, optional(text), { maxKeys: 4 })),
});
