import type { Problem } from "../core/problem.ts";
import type { Properties } from "./property-values.ts";

/**
 * One kind of resource this provider manages. Inputs come without the marks of secrets; in a preview, values that
 * are not known yet are still unknown.
 */
export interface ResourceKind {
  /** Checks inputs and fills in what follows from the former ones; runs in previews too. */
  check?(inputs: Properties, former: Properties): CheckedInputs;
  /** What an update would change, given the last state and the new inputs. */
  diff(state: Properties, inputs: Properties): Change;
  /** Makes the thing and gives its whole state. Secrets are marked. */
  create(inputs: Properties): Promise<{ readonly id: string; readonly state: Properties }>;
  /** The state as it really is; `undefined` when the thing is gone. Left out where nothing outside of state exists. */
  read?(state: Properties): Promise<Properties | undefined>;
  /** Changes the thing in place and gives its new state. Left out where every change is a replacement. */
  update?(state: Properties, inputs: Properties): Promise<Properties>;
  /** Removes the thing. Left out where nothing outside of state exists. */
  delete?(state: Properties): Promise<void>;
}

/** Inputs as they go into state, with what is wrong with them. */
export interface CheckedInputs {
  readonly inputs: Properties;
  readonly problems: readonly Problem[];
}

/** The properties that change, and those of them that need a new resource. */
export interface Change {
  readonly changed: boolean;
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
}
