/** How far a rotation is: what the customer's file has, and what is deployed. */
export const Stage = {
  /** Both have the same, and nothing is under way. */
  Settled: "settled",
  /** The file has the new key beside the old one; it is not deployed. */
  Beginning: "beginning",
  /** Both have both keys. */
  Changing: "changing",
  /** The file has the new key alone; the old one is deployed still. */
  Finishing: "finishing",
  /** The file has the old key alone; the new one is deployed still. */
  Abandoning: "abandoning",
  /** What is deployed is something else: the file was changed by other means. */
  Astray: "astray",
} as const;
export type Stage = (typeof Stage)[keyof typeof Stage];

/**
 * Finds out how far a rotation is. It has no memory beside the file and the stack, so that it goes on from wherever it
 * was left.
 *
 * @param file the keys in the file: fingerprints or generations.
 * @param deployed the keys in the stack.
 * @param newKey the one that takes the place of the other.
 */
export function locateRotation<K>(file: readonly K[], deployed: readonly K[], newKey: K): Stage {
  const [inFile, inStack] = [new Set(file), new Set(deployed)];
  const [oldInFile, oldInStack] = [inFile, inStack].map((keys) => new Set([...keys].filter((key) => key !== newKey))) as [Set<K>, Set<K>];
  const hasSameOld = oldInFile.size > 0 && areEqual(oldInFile, oldInStack);
  if (areEqual(inFile, inStack)) return inFile.has(newKey) && oldInFile.size > 0 ? Stage.Changing : Stage.Settled;
  if (hasSameOld) return inFile.has(newKey) ? Stage.Beginning : Stage.Abandoning;
  if (inFile.has(newKey) && inStack.has(newKey) && oldInFile.size === 0 && oldInStack.size === 1) return Stage.Finishing;
  return Stage.Astray;
}

function areEqual<K>(some: ReadonlySet<K>, others: ReadonlySet<K>): boolean {
  return some.size === others.size && [...some].every((key) => others.has(key));
}
