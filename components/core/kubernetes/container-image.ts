import { quoteForMessage } from "../problem.ts";

const HOST = "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::\\d{1,5})?/)?";
const PATH = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const REFERENCE = new RegExp(`^${HOST}${PATH}(?:/${PATH})*(?::[\\w][\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`);
const DIGEST = /@sha256:[0-9a-f]{64}$/;
const EXAMPLE = '"registry.example.com/reverse-bastion@sha256:…"';

/** Whether a reference names one image, and not whatever a tag happens to mean. */
export function isPinned(image: string): boolean {
  return DIGEST.test(image);
}

/** Why an image cannot be a bastion's, or `undefined` if it can. */
export function checkContainerImage(image: string | undefined, allowUnpinned: boolean): string | undefined {
  if (image === undefined || image === "")
    return `is missing; build and push it with "sh scripts/build-image.sh", and give the reference it prints, such as ${EXAMPLE}`;
  if (!REFERENCE.test(image)) return `got ${quoteForMessage(image)}; expected a reference such as ${EXAMPLE}`;
  if (isPinned(image) || allowUnpinned) return undefined;
  return `got ${quoteForMessage(image)} without a digest, so what runs would depend on the day; add the @sha256:… that scripts/build-image.sh printed, or write allowUnpinnedImage: true`;
}
