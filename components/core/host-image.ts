import type { OpenSshVersion } from "./openssh-version.ts";

/** Stock cloud images a bastion's machine can run. Nothing is installed on them: they bring all that is needed. */
export const HostImage = {
  /** OpenSSH 10.0. The right choice: 9.x delays each new connection through a tunnel by 44 ms. */
  Debian13: "debian-13",
  /** OpenSSH 9.2. */
  Debian12: "debian-12",
  /** OpenSSH 9.6. */
  Ubuntu2404: "ubuntu-24.04",
} as const;
export type HostImage = (typeof HostImage)[keyof typeof HostImage];

const OPENSSH: Readonly<Record<HostImage, OpenSshVersion>> = {
  [HostImage.Debian13]: { major: 10, minor: 0 },
  [HostImage.Debian12]: { major: 9, minor: 2 },
  [HostImage.Ubuntu2404]: { major: 9, minor: 6 },
};

/** The OpenSSH of an image. Distributions keep it for the life of a release: fixes come without a new version. */
export function opensshOf(image: HostImage): OpenSshVersion {
  return OPENSSH[image];
}
