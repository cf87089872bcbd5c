/** Why a text is no policy document, as far as the real provider looks. */
export function checkPolicy(document: unknown): string | undefined {
  if (typeof document === "object") return undefined;
  try {
    const parsed: unknown = JSON.parse(String(document));
    return typeof parsed === "object" && parsed !== null ? undefined : "contains an invalid JSON policy: not a JSON object";
  } catch (error) {
    return `contains an invalid JSON policy: ${(error as Error).message}`;
  }
}
