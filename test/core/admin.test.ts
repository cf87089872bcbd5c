import { expect, test } from "vitest";
import { checkKeysAreNotTheAdmins } from "../../components/core/admin.ts";
import { checkBastionOnAws } from "../../components/core/aws/check-bastion-on-aws.ts";
import type { PartialSpec } from "../../components/core/check-bastion.ts";
import { checkBastionOnGcp } from "../../components/core/gcp/check-bastion-on-gcp.ts";
import { renderProblem } from "../../components/core/problem.ts";
import { ED25519_A, ED25519_B } from "../support/keys.ts";

const REASON = "is the admin's key too, which has all rights on the machine; use another one here";
const bastion: PartialSpec = {
  clients: [{ name: "dc1", publicKeys: [ED25519_B.line, `${ED25519_A.line} somebody`] }, { name: "dc2" }],
  consumers: [{ name: "flow", publicKeys: [ED25519_A.line, undefined, "no key"] }],
};
const problems = [`clients[0].publicKeys[1]: ${REASON}`, `consumers[0].publicKeys[0]: ${REASON}`];

test("nobody logs in with the admin's key, whatever its comment", () => {
  expect(checkKeysAreNotTheAdmins(bastion, `${ED25519_A.line} admin@example.com`).map(renderProblem)).toEqual(problems);
});

test("without an admin, or with one whose key is reported as no key, there is nothing to compare", () => {
  expect([checkKeysAreNotTheAdmins(bastion, undefined), checkKeysAreNotTheAdmins(bastion, "no key")]).toEqual([[], []]);
});

test("every cloud's target asks", () => {
  const admin = { publicKey: ED25519_A.line };
  expect(checkBastionOnAws(bastion, { admin }).map(renderProblem)).toEqual(problems);
  expect(checkBastionOnGcp(bastion, { admin }).map(renderProblem)).toEqual(problems);
});
