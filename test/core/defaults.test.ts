import { expect, test } from "vitest";
import { DEFAULTS, defaultStatusPort } from "../../components/core/defaults.ts";

test("the defaults are what the documentation of the specification says", () => {
  expect(DEFAULTS).toEqual({
    sshPort: 2222,
    tunnelUser: "tunnel",
    consumerUser: "consumer",
    bindAddress: "all",
    bindPortRange: { first: 15000, last: 15999 },
    keyGeneration: 1,
    hostKeyGeneration: 1,
  });
});

test.each([
  [2222, 9422],
  [1024, 8224],
  [25567, 32767],
  [25568, 18368],
  [32767, 25567],
])("the status port follows sshd's: %d, %d", (sshPort, statusPort) => {
  expect(defaultStatusPort(sshPort)).toBe(statusPort);
});
