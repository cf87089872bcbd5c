import { expect, test } from "vitest";
import { checkLocation, vaultDomainOf } from "../../../components/core/azure/azure-location.ts";

test.each(["westeurope", "eastus2", "uaenorth", "usgovvirginia", "chinanorth3"])("%s is a location", (location) => {
  expect(checkLocation(location)).toBeUndefined();
});

test.each([
  ["West Europe", 'got "West Europe"; write "westeurope"'],
  ["EastUS2", 'got "EastUS2"; write "eastus2"'],
  ["eu-central-1", 'got "eu-central-1"; expected a location such as "westeurope"'],
  ["europe-west3-a", 'got "europe-west3-a"; expected a location such as "westeurope"'],
  ["", 'got ""; expected a location such as "westeurope"'],
  ["westeurope\n", 'got "westeurope\\n"; expected a location such as "westeurope"'],
])("%j is none", (location, reason) => {
  expect(checkLocation(location)).toBe(reason);
});

test.each([
  ["westeurope", "vault.azure.net"],
  ["eastus", "vault.azure.net"],
  ["usgovvirginia", "vault.usgovcloudapi.net"],
  ["usdodcentral", "vault.usgovcloudapi.net"],
  ["chinaeast2", "vault.azure.cn"],
])("the vaults of %s are in %s", (location, domain) => {
  expect(vaultDomainOf(location)).toBe(domain);
});
