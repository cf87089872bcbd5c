import { expect, test } from "vitest";
import { architectureOf, checkInstanceType } from "../../../components/core/aws/instance-type.ts";

test.each([
  ["t4g.nano", "arm64"],
  ["t4g.micro", "arm64"],
  ["a1.medium", "arm64"],
  ["m6g.large", "arm64"],
  ["m7gd.metal", "arm64"],
  ["c7gn.16xlarge", "arm64"],
  ["r8g.metal-24xl", "arm64"],
  ["x2gd.medium", "arm64"],
  ["g5g.xlarge", "arm64"],
  ["im4gn.large", "arm64"],
  ["is4gen.medium", "arm64"],
  ["i8ge.48xlarge", "arm64"],
  ["hpc7g.4xlarge", "arm64"],
  ["t2.micro", "x86_64"],
  ["t3.micro", "x86_64"],
  ["t3a.small", "x86_64"],
  ["m7i-flex.large", "x86_64"],
  ["g4dn.xlarge", "x86_64"],
  ["g5.xlarge", "x86_64"],
  ["g6e.xlarge", "x86_64"],
  ["gr6.4xlarge", "x86_64"],
  ["p5.48xlarge", "x86_64"],
  ["c6gen.large", "arm64"],
  ["x2iedn.xlarge", "x86_64"],
  ["inf2.xlarge", "x86_64"],
  ["u-6tb1.metal", "x86_64"],
  ["u7i-12tb.224xlarge", "x86_64"],
])("%s is %s", (type, architecture) => {
  expect(checkInstanceType(type)).toBeUndefined();
  expect(architectureOf(type)).toBe(architecture);
});

test.each(["", "t4g", "micro", "t4g.", ".micro", "t4g.tiny", "T4G.micro", "t4g.micro ", "t4g micro", "t4g.micro\n", "t4g.4", "4tg.micro"])(
  "%j is no instance type",
  (type) => {
    expect(checkInstanceType(type)).toBe(`got ${JSON.stringify(type)}; expected an EC2 instance type such as "t4g.micro"`);
  },
);

test.each(["mac1.metal", "mac2.metal", "mac2-m2pro.metal"])("%s runs no Linux", (type) => {
  expect(checkInstanceType(type)).toBe(`got "${type}"; Mac instances run no Linux, choose one such as "t4g.micro"`);
});
