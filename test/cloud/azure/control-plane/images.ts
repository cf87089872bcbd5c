import { ApiError } from "../../world/provider/api.ts";
import { text } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { isSameId } from "./arm-id.ts";
import { type Image, seedsOf } from "./seeds.ts";

/** The image that a reference means, `latest` as it is now. */
export function imageOf(state: WorldState, reference: Readonly<WorldRecord>): Image {
  const { images } = seedsOf(state);
  const id = text(reference, "id");
  if (id !== undefined) {
    const found = images.find((image) => isSameId(image.id, id));
    if (found === undefined)
      throw new ApiError(
        "GalleryImageNotFound",
        `The gallery image ${id} is not available in the current region. Please contact image owner to replicate to this region, or change your requested region.`,
      );
    return found;
  }
  const { publisher, offer, sku, version } = reference;
  const isOfSku = (image: Image) =>
    image.id === undefined && isSameId(image.publisher, publisher) && isSameId(image.offer, offer) && isSameId(image.sku, sku);
  const found = images.filter(isOfSku).findLast((image) => version === "latest" || image.version === version);
  if (found === undefined)
    throw new ApiError(
      "PlatformImageNotFound",
      `The platform image '${[publisher, offer, sku, version].map(String).join(":")}' is not available. Verify that all fields in the storage profile are correct. For more details about storage profile information, please refer to https://aka.ms/storageprofile`,
    );
  return found;
}
