import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { Emphasis, Emphasize } from "../terminal.ts";
import type { Progress, ProgressLine } from "./progress.ts";

/** Where progress is shown. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const ERASE_LINE = "\r\u001b[K";
const REDRAW_INTERVAL_MS = 200;

const EMPHASES: Readonly<Partial<Record<ProgressLine["kind"], Emphasis>>> = { started: "dim", failed: "red" };

/** Shows progress: on a terminal one live line below what is done, elsewhere plain lines. */
export class ProgressPrinter {
  readonly #progress: Progress;
  readonly #screen: Screen;
  readonly #emphasize: Emphasize;
  readonly #redrawing: NodeJS.Timeout | undefined;
  /** What the live line shows. */
  #live = "";

  constructor(progress: Progress, screen: Screen, emphasize: Emphasize) {
    this.#progress = progress;
    this.#screen = screen;
    this.#emphasize = emphasize;
    if (screen.isTTY) this.#redrawing = setInterval(() => this.#drawLiveLine(), REDRAW_INTERVAL_MS).unref();
  }

  show(event: EngineEvent): void {
    for (const line of this.#progress.take(event, performance.now())) this.#print(line);
    this.#drawLiveLine();
  }

  /** Says something beside the engine's events. */
  say(text: string): void {
    this.#print({ kind: "diagnostic", text });
    this.#drawLiveLine();
  }

  /** Takes the live line away. */
  end(): void {
    clearInterval(this.#redrawing);
    if (this.#screen.isTTY) this.#screen.write(ERASE_LINE);
  }

  #print({ kind, text }: ProgressLine): void {
    if (this.#screen.isTTY && kind === "started") return;
    const emphasis = EMPHASES[kind];
    const line = text.replaceAll(/^/gm, "  ");
    this.#live = "";
    this.#screen.write(`${this.#screen.isTTY ? ERASE_LINE : ""}${emphasis === undefined ? line : this.#emphasize(emphasis, line)}\n`);
  }

  #drawLiveLine(): void {
    if (!this.#screen.isTTY) return;
    const line = this.#progress.describeNow(performance.now());
    if (line === this.#live) return;
    this.#live = line;
    const width = (this.#screen.columns || 80) - 3;
    this.#screen.write(`${ERASE_LINE}  ${this.#emphasize("dim", line.length > width ? `${line.slice(0, width - 1)}…` : line)}`);
  }
}
