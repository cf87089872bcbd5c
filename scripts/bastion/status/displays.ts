import type { Emphasize } from "../terminal.ts";
import { type Fact, observe, renderChange } from "./changes.ts";
import { LiveScreen, type Screen } from "./live-screen.ts";
import { renderReadings } from "./print-status.ts";
import type { BastionReading } from "./reading.ts";

/** Where readings go while bastions are watched. */
export interface ReadingDisplay {
  show(reading: BastionReading): void;
  end(): void;
}

/** Durations are seen to pass. */
const REDRAW_INTERVAL_MS = 500;

/** All bastions in one table on a terminal, in the order they were named. */
export class LiveTable implements ReadingDisplay {
  readonly #readings: Map<string, BastionReading>;
  readonly #screen: LiveScreen;
  readonly #emphasize: Emphasize;
  readonly #redrawing: NodeJS.Timeout;

  constructor(stacks: readonly string[], screen: Screen, emphasize: Emphasize) {
    this.#readings = new Map(stacks.map((stack) => [stack, { stack, atMs: Date.now() }]));
    this.#screen = new LiveScreen(screen);
    this.#emphasize = emphasize;
    this.#redrawing = setInterval(() => this.#draw(), REDRAW_INTERVAL_MS);
    this.#draw();
  }

  show(reading: BastionReading): void {
    this.#readings.set(reading.stack, reading);
    this.#draw();
  }

  end(): void {
    clearInterval(this.#redrawing);
    this.#screen.end();
  }

  #draw(): void {
    this.#screen.draw(renderReadings([...this.#readings.values()], Date.now(), this.#emphasize));
  }
}

/** A line for each change: for a log, or for a program. */
export class ChangeLog implements ReadingDisplay {
  readonly #facts = new Map<string, readonly Fact[]>();
  readonly #print: (text: string) => void;
  readonly #isJson: boolean;

  constructor(print: (text: string) => void, { json }: { readonly json: boolean }) {
    this.#print = print;
    this.#isJson = json;
  }

  show(reading: BastionReading): void {
    const { facts, changes } = observe(this.#facts.get(reading.stack), reading);
    this.#facts.set(reading.stack, facts);
    for (const change of changes) this.#print(this.#isJson ? `${JSON.stringify(change)}\n` : renderChange(change));
  }

  end(): void {}
}
