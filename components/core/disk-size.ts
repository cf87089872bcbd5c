/** Why a disk cannot have this size, or `undefined` if it can. */
export function checkDiskSize(gib: number | undefined, leastGib: number, mostGib: number): string | undefined {
  if (gib === undefined || (Number.isInteger(gib) && gib >= leastGib && gib <= mostGib)) return undefined;
  return `got ${gib}; expected a whole number of GiB, ${leastGib}–${mostGib}`;
}
