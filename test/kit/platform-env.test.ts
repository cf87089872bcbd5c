import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { renderConsumerEnv, renderNetworkEnv } from "../../components/kit/platform-env.ts";

const CONSUMER = { endpoint: "", keyFile: "", sshConfig: "" };

test("each tunnel on the network has its first address, and one on loopback is named", () => {
  const text = renderNetworkEnv([
    {
      name: "orders-eu-1",
      addresses: [
        { host: "acme.bastions.svc", port: 15000 },
        { host: "10.0.0.9", port: 15000 },
      ],
    },
    { name: "7th", addresses: [{ host: "2001:db8::5", port: 15001 }] },
    { name: "flow", addresses: [] },
  ]);
  expect(text).toBe(`ORDERS_EU_1_HOST=acme.bastions.svc
ORDERS_EU_1_PORT=15000
_7TH_HOST=2001:db8::5
_7TH_PORT=15001
# flow is on loopback: a consumer that logs in reaches it
`);
  expect(execFileSync("sh", ["-c", `${text}echo "$ORDERS_EU_1_HOST $_7TH_HOST $_7TH_PORT"`], { encoding: "utf8" })).toBe(
    "acme.bastions.svc 2001:db8::5 15001\n",
  );
});

test("beside a consumer's ssh, every tunnel is on one's own machine", () => {
  const tunnels = [
    { name: "flow", host: "localhost", port: 8080 },
    { name: "audit", host: "203.0.113.2", port: 15002 },
  ];
  expect(renderConsumerEnv({ ...CONSUMER, name: "flow", tunnels })).toBe(`# where this runs: ssh -N bastion-flow
FLOW_HOST=localhost
FLOW_PORT=8080
AUDIT_HOST=localhost
AUDIT_PORT=15002
`);
});
