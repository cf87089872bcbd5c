import { HostImage } from "../host-image.ts";

/** What the settings of a bastion on Azure mean where they are silent. */
export const AZURE_DEFAULTS = {
  networkCidr: "10.255.0.0/28",
  vmSize: "Standard_B2ats_v2",
  image: HostImage.Debian13,
  imageVersion: "latest",
  adminUser: "bastion-admin",
} as const;
