/** A terminal that is drawn on again and again. */
export interface Screen {
  readonly rows?: number;
  write(text: string): unknown;
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
/** A line that is too long is cut off by the terminal, not continued below. */
const CUT_LINES = "\u001b[?7l";
const WRAP_LINES = "\u001b[?7h";
const ERASE_BELOW = "\u001b[J";

/** Text on a terminal that is replaced in place, below what was there before. The last of it stays. */
export class LiveScreen {
  readonly #screen: Screen;
  #shown = "";

  constructor(screen: Screen) {
    this.#screen = screen;
    screen.write(HIDE_CURSOR + CUT_LINES);
  }

  /** Replaces what is shown. What does not fit on the terminal is left out at the end, and that is said. */
  draw(text: string): void {
    const fitting = fitLines(text, (this.#screen.rows || 24) - 1);
    if (fitting === this.#shown) return;
    const lines = this.#shown.split("\n").length - 1;
    this.#screen.write(`${lines > 0 ? `\r\u001b[${lines}A` : ""}${ERASE_BELOW}${fitting}`);
    this.#shown = fitting;
  }

  /** Makes the terminal one for everybody again. */
  end(): void {
    // A terminal shows that Ctrl-C was typed, there where what comes next begins.
    this.#screen.write(`\r${ERASE_BELOW}${WRAP_LINES}${SHOW_CURSOR}`);
  }
}

function fitLines(text: string, rows: number): string {
  const lines = text.split("\n").slice(0, -1);
  if (lines.length <= rows) return text;
  const shown = lines.slice(0, rows - 1);
  return `${shown.join("\n")}\n… ${lines.length - shown.length} more lines\n`;
}
