import { expect, test } from "vitest";
import { LiveScreen } from "../../../../scripts/bastion/status/live-screen.ts";

const ESCAPE = "\u001b";

/** Shows texts one after the other, and gives what was written. */
function written(rows: number, ...texts: readonly string[]): string[] {
  const pieces: string[] = [];
  const screen = new LiveScreen({ rows, write: (text) => pieces.push(text.replaceAll(ESCAPE, "")) });
  for (const text of texts) screen.draw(text);
  screen.end();
  return pieces;
}

test("a text is replaced in place, and the terminal is left as it was", () => {
  expect(written(24, "one\ntwo\n", "one\ntwo\n", "three\n", "")).toEqual([
    "[?25l[?7l",
    "[Jone\ntwo\n",
    "\r[2A[Jthree\n",
    "\r[1A[J",
    "\r[J[?7h[?25h",
  ]);
});

test("what does not fit is left out, and that is said", () => {
  expect(written(4, "1\n2\n3\n", "1\n2\n3\n4\n5\n")).toEqual([
    "[?25l[?7l",
    "[J1\n2\n3\n",
    "\r[3A[J1\n2\n… 3 more lines\n",
    "\r[J[?7h[?25h",
  ]);
});
