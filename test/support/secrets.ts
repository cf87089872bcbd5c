/** Characters of base64 that are too many to be given away: twelve bytes of a key. */
const PIECE_LENGTH = 16;

/** The lines of a private key that hold the key itself, not its header. */
export function keyMaterialOf(privateKey: string): string[] {
  return privateKey.split(/\r?\n/).filter((line) => /^[A-Za-z0-9+/=]+$/.test(line) && line.length >= PIECE_LENGTH);
}

/** The pieces of a secret's base64 that occur in a text, wherever line breaks fall. Empty when nothing was given away. */
export function piecesIn(text: string, secret: string): string[] {
  const lines = keyMaterialOf(secret);
  if (lines.length === 0) throw new Error("the secret has no base64 to look for");
  return [lines.join(""), ...lines].flatMap((material) =>
    Array.from({ length: material.length - PIECE_LENGTH + 1 }, (_, at) => material.slice(at, at + PIECE_LENGTH)).filter((piece) =>
      text.includes(piece),
    ),
  );
}
