import { describe, expect, test } from "vitest";
import { BackendProbe, ruleHealth } from "./private-link-health.ts";
import type { BalancedPort } from "./private-link-path.ts";

describe("a backend's probe", () => {
  test.each([
    ["nobody has been asked yet", 2, "", "down"],
    ["the first answer counts at once", 2, "+", "up"],
    ["one failure of two", 2, "+-", "up"],
    ["two failures of two", 2, "+--", "down"],
    ["failures with an answer between them", 2, "+-+-", "up"],
    ["a first failure, and one answer of two", 2, "-+", "down"],
    ["two answers of two", 2, "-++", "up"],
    ["a threshold of one", 1, "+-", "down"],
  ])("%s", (_what, threshold, answers, state) => {
    const probe = new BackendProbe();
    for (const answer of answers) probe.take(answer === "+", threshold);
    expect(probe.isUp).toBe(state === "up");
  });

  test("a rule without a probe has all of its backends up", () => {
    const port: BalancedPort = {
      ruleId: "rule",
      frontendPort: 1,
      backendPort: 1,
      probe: undefined,
      backends: [{ ipConfigurationId: "nic/ipConfigurations/main", address: "10.0.0.5" }],
    };
    expect(ruleHealth(port, () => false)).toEqual({
      up: 1,
      down: 0,
      loadBalancerBackendAddresses: [
        { ipAddress: "10.0.0.5", networkInterfaceIPConfigurationId: "nic/ipConfigurations/main", state: "Up" },
      ],
    });
  });
});
