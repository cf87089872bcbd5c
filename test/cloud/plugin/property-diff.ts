import provider from "@pulumi/pulumi/proto/provider_pb.js";

const { Kind } = provider.PropertyDiff;
const KINDS = {
  add: [Kind.ADD, Kind.ADD_REPLACE],
  delete: [Kind.DELETE, Kind.DELETE_REPLACE],
  update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
} as const;

/**
 * What becomes of one property, or of a part of one.
 *
 * @param isOfInputs whether new inputs differ from the former ones, rather than from what is there.
 */
export function propertyDiff(change: keyof typeof KINDS, replaces: boolean, isOfInputs: boolean): provider.PropertyDiff {
  const [plain, replacing] = KINDS[change];
  const diff = new provider.PropertyDiff();
  diff.setKind(replaces ? replacing : plain);
  diff.setInputdiff(isOfInputs);
  return diff;
}
