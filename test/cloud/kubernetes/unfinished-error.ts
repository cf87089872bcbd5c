import type { Properties } from "../world/provider/values.ts";

/** What the engine is to remember of an object whose operation failed although the object is there. */
interface Unfinished {
  readonly id: string;
  readonly state: Properties;
  readonly inputs?: Properties;
  /** What is wrong with the object, beside the message. */
  readonly reasons: readonly string[];
}

/** An operation failed, but the object is there: the engine keeps it, with what is true of it. */
export class UnfinishedError extends Error implements Unfinished {
  override readonly name = "UnfinishedError";
  readonly id: string;
  readonly state: Properties;
  readonly inputs?: Properties;
  readonly reasons: readonly string[];

  constructor(message: string, { id, state, inputs, reasons }: Unfinished) {
    super(message);
    this.id = id;
    this.state = state;
    if (inputs !== undefined) this.inputs = inputs;
    this.reasons = reasons;
  }
}
