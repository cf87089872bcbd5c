import fc from "fast-check";
import type { AwsSpec } from "../../components/core/aws/aws-spec.ts";
import type { PartialDeep } from "../../components/core/partial.ts";
import { ED25519_A } from "./keys.ts";

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** A text that belongs somewhere, or nowhere. */
const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom("10.255.0.7", "10.0.0.0/8", "2001:db8::/32", "::/0", "vpc-12345678", "subnet-12345678", "ami-12345678", "t4g.micro"),
  fc.constantFrom("mac1.metal", "constructor", "__proto__", "Name", "aws:x", "a.b", "\u001b[2J\n", ED25519_A.line),
);

/** Settings of a bastion on EC2 in which every value is of the right type, and any may be missing or wrong. */
export const anyAwsSpec: fc.Arbitrary<PartialDeep<AwsSpec>> = fc.record({
  vpcId: optional(text),
  subnetId: optional(text),
  networkCidr: optional(text),
  privateAddress: optional(text),
  privateOnly: optional(fc.boolean()),
  ipv6: optional(fc.boolean()),
  instanceType: optional(text),
  image: optional(fc.constantFrom("debian-13", "debian-12", "ubuntu-24.04")),
  imageId: optional(text),
  imageArchitecture: optional(fc.constantFrom("arm64", "x86_64")),
  diskSizeGib: optional(fc.integer({ min: -1, max: 20_000 })),
  kmsKeyArn: optional(text),
  dns: optional(fc.record({ zone: optional(text), zoneId: optional(text), name: optional(text) })),
  admin: optional(fc.record({ publicKey: optional(text), cidrs: optional(fc.array(optional(text), { maxLength: 3 })) })),
  permissionsBoundaryArn: optional(text),
  rulesPerSecurityGroup: optional(fc.integer({ min: -1, max: 70 })),
  firewallNote: optional(text),
  tags: optional(fc.dictionary(text, optional(text), { maxKeys: 4 })),
});
