import { expect, test } from "vitest";
import { architectureOfMachine, checkMachineType, diskTypeOf } from "../../../components/core/gcp/machine-type.ts";

test.each([
  ["e2-micro", "x86_64", "pd-balanced"],
  ["e2-medium", "x86_64", "pd-balanced"],
  ["e2-standard-2", "x86_64", "pd-balanced"],
  ["e2-custom-small-2048", "x86_64", "pd-balanced"],
  ["f1-micro", "x86_64", "pd-balanced"],
  ["n1-highmem-2", "x86_64", "pd-balanced"],
  ["n2-custom-4-32768-ext", "x86_64", "pd-balanced"],
  ["n2d-standard-2", "x86_64", "pd-balanced"],
  ["t2d-standard-1", "x86_64", "pd-balanced"],
  ["c3-standard-4-lssd", "x86_64", "pd-balanced"],
  ["a2-highgpu-1g", "x86_64", "pd-balanced"],
  ["n4-highcpu-2", "x86_64", "hyperdisk-balanced"],
  ["n4d-standard-2", "x86_64", "hyperdisk-balanced"],
  ["c4-standard-2", "x86_64", "hyperdisk-balanced"],
  ["c4d-standard-2", "x86_64", "hyperdisk-balanced"],
  ["t2a-standard-1", "arm64", "pd-balanced"],
  ["c4a-standard-1", "arm64", "hyperdisk-balanced"],
  ["c4a-highmem-96-metal", "arm64", "hyperdisk-balanced"],
  ["n4a-standard-1", "arm64", "hyperdisk-balanced"],
])("%s is %s, and boots from %s", (type, architecture, disk) => {
  expect(checkMachineType(type)).toBeUndefined();
  expect([architectureOfMachine(type), diskTypeOf(type)]).toEqual([architecture, disk]);
});

test.each([
  "",
  "e2",
  "micro",
  "e2-",
  "-micro",
  "E2-micro",
  "e2-micro ",
  "e2 micro",
  "e2-micro\n",
  "e2-nano",
  "t4g.micro",
  "e2-standard",
  "e2-custom-2",
])("%j is no machine type", (type) => {
  expect(checkMachineType(type)).toBe(`got ${JSON.stringify(type)}; expected a machine type of Compute Engine such as "e2-micro"`);
});
