import { HostImage } from "../host-image.ts";

/** What the settings of a bastion on EC2 mean where they are silent. */
export const AWS_DEFAULTS = {
  networkCidr: "10.255.0.0/28",
  instanceType: "t4g.micro",
  image: HostImage.Debian13,
  diskSizeGib: 8,
  rulesPerSecurityGroup: 60,
} as const;
