import { expect, test } from "vitest";
import { HostImage, opensshOf } from "../../components/core/host-image.ts";

test("the images, and the OpenSSH that each brings", () => {
  expect(Object.fromEntries(Object.values(HostImage).map((image) => [image, opensshOf(image)]))).toEqual({
    "debian-13": { major: 10, minor: 0 },
    "debian-12": { major: 9, minor: 2 },
    "ubuntu-24.04": { major: 9, minor: 6 },
  });
});
