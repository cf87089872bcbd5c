/** What goes wrong with a call. */
export interface Fault {
  /**
   * `fail`: an error, and nothing was done. `throttle`: too many requests, to be tried again. `slow`: done, but late.
   * `crash-before`, `crash-after`: the provider ends before or after it was done, and the engine never hears of it.
   */
  readonly kind: "fail" | "throttle" | "slow" | "crash-before" | "crash-after";
  /** How long a slow call takes. */
  readonly seconds?: number;
  /** Error code of a call that fails. */
  readonly code?: string;
  readonly message?: string;
}

/** Which calls a fault applies to. */
export interface FaultRule extends Fault {
  /** Such as `ec2:RunInstances`; `*` for every one. */
  readonly action: string;
  /** The first call it applies to, counted from 1 from when the rule was added. Default 1. */
  readonly nth?: number;
  /** How many calls in a row it applies to. Default 1. */
  readonly times?: number;
}

/** The fault of a call of an action, with the rules that are left for the calls to come. */
export function takeFrom(rules: readonly FaultRule[], action: string): { fault?: Fault; rules: FaultRule[] } {
  let fault: Fault | undefined;
  const left = rules.flatMap((rule): FaultRule[] => {
    if (rule.action !== action && rule.action !== "*") return [rule];
    const { nth = 1, times = 1 } = rule;
    if (nth > 1) return [{ ...rule, nth: nth - 1 }];
    if (fault !== undefined) return [rule];
    fault = rule;
    return times > 1 ? [{ ...rule, times: times - 1 }] : [];
  });
  return fault === undefined ? { rules: left } : { fault, rules: left };
}
