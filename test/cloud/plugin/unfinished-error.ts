import type { Properties } from "./values.ts";

/** What the engine is to remember of a resource whose operation failed although the resource is there. */
interface Unfinished {
  readonly id: string;
  readonly state: Properties;
  readonly inputs?: Properties;
  /** What is wrong with the resource, beside the message. */
  readonly reasons?: readonly string[];
}

/** An operation failed, but the resource is there: the engine keeps it, with what is true of it. */
export class UnfinishedError extends Error {
  override readonly name = "UnfinishedError";
  readonly unfinished: Unfinished;

  constructor(message: string, unfinished: Unfinished) {
    super(message);
    this.unfinished = unfinished;
  }
}
