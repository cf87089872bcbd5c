import { expect, test } from "vitest";
import { DEFAULTS } from "../../components/core/defaults.ts";

test("the defaults are what the documentation of the specification says", () => {
  expect(DEFAULTS).toEqual({
    sshPort: 2222,
    tunnelUser: "tunnel",
    consumerUser: "consumer",
    bindAddress: "all",
    bindPortRange: { first: 15000, last: 15999 },
  });
});
