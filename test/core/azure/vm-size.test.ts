import { expect, test } from "vitest";
import { architectureOfSize, checkVmSize, hasTrustedLaunch, startsSecondGeneration } from "../../../components/core/azure/vm-size.ts";

test.each([
  ["Standard_B2ats_v2", "x86_64", true, true],
  ["Standard_B1s", "x86_64", true, true],
  ["Standard_D2s_v3", "x86_64", true, true],
  ["Standard_D2_v5", "x86_64", true, true],
  ["Standard_DS1_v2", "x86_64", true, true],
  ["Standard_DC1s_v3", "x86_64", true, true],
  ["Standard_E96-24ads_v5", "x86_64", true, true],
  ["Standard_F2s_v2", "x86_64", true, true],
  ["Standard_NC24ads_A100_v4", "x86_64", true, true],
  ["Standard_EC2as_cc_v5", "x86_64", true, true],
  ["Standard_M8-2ms", "x86_64", true, false],
  ["Standard_B2pts_v2", "arm64", true, false],
  ["Standard_D2pls_v5", "arm64", true, false],
  ["Standard_E2pds_v6", "arm64", true, false],
  ["Standard_A1_v2", "x86_64", false, false],
  ["Standard_A2m_v2", "x86_64", false, false],
  ["Standard_D1", "x86_64", false, false],
  ["Standard_D2_v2_Promo", "x86_64", false, false],
  ["Standard_D2_v3", "x86_64", false, false],
  ["Standard_E2_v3", "x86_64", false, false],
  ["Standard_F2", "x86_64", false, false],
])("%s is %s; it starts images of the second generation: %s; it has Trusted Launch: %s", (size, architecture, second, trusted) => {
  expect(checkVmSize(size)).toBeUndefined();
  expect([architectureOfSize(size), startsSecondGeneration(size), hasTrustedLaunch(size)]).toEqual([architecture, second, trusted]);
});

test.each([
  "",
  "Standard",
  "Standard_",
  "B2ats_v2",
  "standard_b2ats_v2",
  "Standard_B2ats_v2 ",
  "Standard_B2ats_v2\n",
  "Standard_Bats",
  "t4g.micro",
  "e2-micro",
])("%j is no size", (size) => {
  expect(checkVmSize(size)).toBe(`got ${JSON.stringify(size)}; expected a size of virtual machines such as "Standard_B2ats_v2"`);
});
