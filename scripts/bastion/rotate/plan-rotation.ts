import { BASTION } from "../invocation.ts";
import type { Evidence } from "./evidence.ts";
import { Stage } from "./locate-rotation.ts";

/** What the person has asked for. */
export const Wish = {
  /** Whatever comes next. */
  GoOn: "go-on",
  /** Drop the old key. */
  Finish: "finish",
  /** Drop the new key. */
  Abandon: "abandon",
} as const;
export type Wish = (typeof Wish)[keyof typeof Wish];

/** All that the next step depends on. */
export interface Situation {
  readonly stage: Stage;
  readonly wish: Wish;
  /** Whether what speaks against it is to be passed over. */
  readonly isForced: boolean;
  /** Why one of these two keys cannot take the place of the other. */
  readonly obstacle?: string | undefined;
  /** Why nobody could log in afterwards; this is never passed over. */
  readonly lockOut?: string | undefined;
  /** What is known of who uses which key. Needed while both are deployed. */
  readonly evidence: Evidence;
}

/** The next step. */
export type Step =
  /** Change the file, then deploy it. */
  | { readonly kind: "begin" | "finish" | "abandon" }
  /** The file is as it should be: deploy it. */
  | { readonly kind: "deploy" }
  /** Somebody else has to do something first. */
  | { readonly kind: "wait"; readonly reasons: readonly string[] }
  | { readonly kind: "nothing"; readonly reason: string }
  | { readonly kind: "refuse"; readonly reason: string };

/** Decides what is done next. */
export function planRotation({ stage, wish, isForced, obstacle, lockOut, evidence }: Situation): Step {
  const isForward = wish !== Wish.Abandon;
  if (lockOut !== undefined && isForward && !(stage === Stage.Settled && wish === Wish.Finish)) return refuse(lockOut);
  switch (stage) {
    case Stage.Settled:
      if (wish !== Wish.GoOn) return { kind: "nothing", reason: `nothing is under way, so there is nothing to ${wish}` };
      return obstacle === undefined ? { kind: "begin" } : refuse(obstacle);
    case Stage.Beginning:
      return isForward ? { kind: "deploy" } : { kind: "abandon" };
    case Stage.Finishing:
      return isForward ? { kind: "deploy" } : refuse("the old key is not in the file any more: the rotation is all but finished");
    case Stage.Abandoning:
      return wish === Wish.Finish ? refuse("the new key is not in the file any more: the rotation was abandoned") : { kind: "deploy" };
    case Stage.Astray:
      return refuse(`the file and what is deployed differ in another way than by a rotation; deploy the file first, with: ${BASTION} up`);
    case Stage.Changing:
      return obstacle !== undefined && isForward ? refuse(obstacle) : planChange(wish, isForced, evidence);
  }
}

function planChange(wish: Wish, isForced: boolean, { againstFinishing, untold, againstAbandoning }: Evidence): Step {
  switch (wish) {
    case Wish.GoOn: {
      const reasons = [...againstFinishing, ...untold];
      return reasons.length === 0 ? { kind: "finish" } : { kind: "wait", reasons };
    }
    case Wish.Finish:
      return againstFinishing.length === 0 || isForced ? { kind: "finish" } : refuse(orForce(againstFinishing));
    case Wish.Abandon:
      return againstAbandoning.length === 0 || isForced ? { kind: "abandon" } : refuse(orForce(againstAbandoning));
  }
}

function orForce(reasons: readonly string[]): string {
  return `${reasons.join("; ")}; with --force it is done all the same`;
}

function refuse(reason: string): Step {
  return { kind: "refuse", reason };
}
