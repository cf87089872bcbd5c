import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { InvalidInputError } from "../../../components/core/problem.ts";
import { checked } from "../../../components/shared/checked.ts";
import { deploy } from "../../support/engine.ts";

class Thing extends pulumi.ComponentResource {
  constructor(run: () => void) {
    super("test:index:Thing", "thing");
    checked(this, run);
  }
}

test("what the core gives is given on", async () => {
  const { result } = await deploy(() => checked(new Thing(() => {}), () => ({ answer: 42 })));
  expect(result).toEqual({ answer: 42 });
});

test("what the core refuses is reported on the resource, all of it, without a stack", async () => {
  const problems = [
    { path: "sshPort", reason: "got 22" },
    { path: "", reason: "is empty" },
  ];
  const { error } = await deploy(
    () =>
      new Thing(() => {
        throw new InvalidInputError(problems);
      }),
  );
  expect(pulumi.ResourceError.isInstance(error)).toBe(true);
  expect(error).toMatchObject({ message: "sshPort: got 22\nis empty", hideStack: true, resource: expect.any(Thing) });
});

test("a mistake of our own keeps its class and its stack", async () => {
  const mistake = new TypeError("cannot read properties of undefined");
  const { error } = await deploy(
    () =>
      new Thing(() => {
        throw mistake;
      }),
  );
  expect(error).toBe(mistake);
});
