import { HostImage } from "../host-image.ts";

/** What the settings of a bastion on Compute Engine mean where they are silent. */
export const GCP_DEFAULTS = {
  networkCidr: "10.255.0.0/28",
  machineType: "e2-micro",
  image: HostImage.Debian13,
  diskSizeGib: 10,
  adminUser: "bastion-admin",
} as const;
