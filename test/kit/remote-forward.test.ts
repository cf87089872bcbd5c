import { describe, expect, test } from "vitest";
import type { BindAddress } from "../../components/core/bastion-spec.ts";
import { parseDestination } from "../../components/core/destination.ts";
import { renderRemoteForward } from "../../components/core/ssh-command.ts";
import { parseRemoteForward } from "../../components/kit/remote-forward.ts";

const BIND_ADDRESSES: readonly BindAddress[] = [{ scope: "all" }, { scope: "loopback" }, { scope: "address", address: "203.0.113.2" }];
const DESTINATIONS = ["db.acme.internal:5432", "10.0.0.7:3306", "[2001:db8::7]:1", "_db:1"];

describe("what follows -R", () => {
  test.each(BIND_ADDRESSES)("is read as it was written, for $scope", (bindAddress) => {
    for (const text of DESTINATIONS) {
      const destination = parseDestination(text);
      const tunnel = { name: "orders", bindAddress, bindPort: 15000, requestedBindPort: undefined, destination };
      expect(parseRemoteForward(renderRemoteForward(tunnel))).toEqual({ bindAddress, bindPort: 15000, destination });
      expect(parseRemoteForward(renderRemoteForward({ ...tunnel, destination: undefined }))).toBeUndefined();
    }
  });

  test.each([
    "",
    "15000",
    "0:db:1",
    "65536:db:1",
    "db:15000:db:1",
    "0.0.0.0:15000",
    "0.0.0.0:15000:",
    "0.0.0.0:15000:db:0",
    "15000:db:1 -oProxyCommand=x",
    "15000:db:1\nProxyCommand x",
    "15000:$(id):1",
    "*:15000:db:1",
  ])("is refused: %j", (text) => {
    expect(() => parseRemoteForward(text)).toThrow("expected");
  });
});
