import { describe, expect, test } from "vitest";
import { type Check, concludeReport, describeReport, renderReport } from "../../../../scripts/bastion/doctor/report.ts";
import { plain } from "../../../../scripts/bastion/terminal.ts";

const NAME: Check = { step: "name", subject: "bastion.example.com", result: "ok", seen: "192.0.2.1" };
const NOT_LET_IN: Check = {
  step: "tcp",
  subject: "bastion.example.com port 2222",
  result: "failed",
  seen: "nothing answered in 10 s",
  diagnosis: "connection-timeout",
};
const UP: Check = { step: "tunnel", subject: "orders at bastion.example.com:15000", result: "ok", seen: "stays open" };
const DOWN: Check = { ...UP, result: "failed", seen: "connection refused", diagnosis: "tunnel-down" };
const UNREACHABLE: Check = { ...UP, result: "failed", seen: "nothing answered in 10 s", diagnosis: "bind-port-unreachable" };

describe("a report", () => {
  test("is a checklist, what each fault means, and one last line", () => {
    expect(
      renderReport(concludeReport("acme", [NAME], [DOWN, DOWN]), plain),
    ).toBe(`ok    name    bastion.example.com                  192.0.2.1
FAIL  tunnel  orders at bastion.example.com:15000  connection refused
FAIL  tunnel  orders at bastion.example.com:15000  connection refused

tunnel-down
  It means:  The tunnel is down: no ssh is connected that holds its bind port.
  Whose:     the customer's side
  To do:     Ask the customer to run sh doctor.sh of the kit where the tunnel runs.

acme: tunnel-down (the customer's side)
`);
  });

  test("of a healthy one says so", () => {
    expect(renderReport(concludeReport("acme", [NAME], [UP]), plain)).toBe(`ok  name    bastion.example.com                  192.0.2.1
ok  tunnel  orders at bastion.example.com:15000  stays open

acme: healthy
`);
  });

  test("ends with the code of the first fault's side", () => {
    const exitCodeOf = (ssh: readonly Check[], tunnels: readonly Check[]) => concludeReport("acme", ssh, tunnels).exitCode;
    expect(exitCodeOf([NAME], [UP])).toBe(0);
    expect(exitCodeOf([NAME], [UP, DOWN])).toBe(10);
    expect(exitCodeOf([NAME], [UNREACHABLE, DOWN])).toBe(11);
    expect(exitCodeOf([NAME, { ...NOT_LET_IN, diagnosis: "connection-lost" }], [DOWN])).toBe(12);
  });

  test("does not mind that this machine is not let in to sshd, where a tunnel shows that sshd runs", () => {
    const { exitCode, checks } = concludeReport("acme", [NAME, NOT_LET_IN], [UP]);
    expect(exitCode).toBe(0);
    expect(checks[1]).toEqual({
      step: "tcp",
      subject: "bastion.example.com port 2222",
      result: "skipped",
      seen: "this machine is not let in; a tunnel is up, so sshd runs",
    });
    expect(concludeReport("acme", [NAME, NOT_LET_IN], [DOWN]).exitCode).toBe(11);
  });

  test("as plain data has every check, and each kind of fault once", () => {
    const { faults, ...report } = describeReport(concludeReport("acme", [NAME], [DOWN, DOWN]));
    expect(report).toEqual({ stack: "acme", healthy: false, exitCode: 10, checks: [NAME, DOWN, DOWN] });
    expect(faults.map(({ diagnosis, side, step }) => [diagnosis, side, step])).toEqual([["tunnel-down", "customer", "tunnel"]]);
  });
});
