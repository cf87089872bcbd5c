import { type CidrBlock, cidrContains, parseCidr, renderCidr } from "../../../../components/core/cidr.ts";
import { SERVICE_ADDRESS } from "../../machine/cloud-adaptor.ts";

/** Where the load balancer's probes come from, and the platform's own services are. */
export const PLATFORM_ADDRESS = "168.63.129.16";

const EVERYWHERE = "0.0.0.0/0";

/** Blocks of an address prefix in a rule: a block, an address, `*` or a service tag. */
export function blocksOf(prefix: string, networkBlocks: readonly string[]): readonly string[] {
  if (/^[\d.]+$/.test(prefix)) return [`${prefix}/32`];
  if (/^[\d.]+\/\d+$/.test(prefix)) return [prefix];
  switch (prefix.toLowerCase()) {
    case "*":
      return [EVERYWHERE];
    case "virtualnetwork":
      return networkBlocks;
    case "internet":
      return networkBlocks.reduce<string[]>((left, block) => left.flatMap((one) => without(one, block)), [EVERYWHERE]);
    case "azureloadbalancer":
      return [`${PLATFORM_ADDRESS}/32`];
    case "azurecloud":
    case "azurekeyvault":
      return [`${SERVICE_ADDRESS}/32`];
    default:
      throw new Error(`the stand-in has no addresses of ${prefix}`);
  }
}

/** A block without those addresses of it that another one holds. */
function without(block: string, hole: string): string[] {
  const [whole, taken] = [parseCidr(block), parseCidr(hole)];
  if (cidrContains(taken, whole)) return [];
  if (!cidrContains(whole, taken)) return [block];
  return halvesOf(whole).flatMap((half) => without(renderCidr(half), hole));
}

function halvesOf({ family, address, prefixLength }: CidrBlock): CidrBlock[] {
  const bits = family === 4 ? 32 : 128;
  const half = { family, prefixLength: prefixLength + 1 };
  return [
    { ...half, address },
    { ...half, address: address | (1n << BigInt(bits - prefixLength - 1)) },
  ];
}
