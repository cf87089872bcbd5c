import { quoteForMessage } from "../problem.ts";

/** Why a text cannot be a location of Azure, or `undefined` if it can. */
export function checkLocation(location: string): string | undefined {
  if (/^[a-z][a-z0-9]{2,39}$/.test(location)) return undefined;
  const short = location.toLowerCase().replaceAll(" ", "");
  const remedy = /^[A-Za-z][A-Za-z0-9 ]{2,39}$/.test(location) ? `write "${short}"` : 'expected a location such as "westeurope"';
  return `got ${quoteForMessage(location)}; ${remedy}`;
}

/** Where the vaults of a location are, by name: China and the government of the USA have clouds of their own. */
export function vaultDomainOf(location: string): string {
  if (location.startsWith("china")) return "vault.azure.cn";
  return /^us(?:gov|dod)/.test(location) ? "vault.usgovcloudapi.net" : "vault.azure.net";
}
