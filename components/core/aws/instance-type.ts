import { Architecture } from "../architecture.ts";
import { quoteForMessage } from "../problem.ts";

/** Families with Graviton processors carry a `g` after the generation (`t4g`, `c7gn`, `x2gd`, `im4gn`); `a1` was the first. */
const GRAVITON = /^(?:[a-z]+\d+g[a-z]*|a1)\./;

/** Why a text cannot be an EC2 instance type for a bastion, or `undefined` if it can. */
export function checkInstanceType(type: string): string | undefined {
  if (!/^[a-z][a-z0-9-]*\d[a-z0-9-]*\.(?:nano|micro|small|medium|large|\d*xlarge|metal(?:-\d+xl)?)$/.test(type))
    return `got ${quoteForMessage(type)}; expected an EC2 instance type such as "t4g.micro"`;
  if (type.startsWith("mac")) return `got ${quoteForMessage(type)}; Mac instances run no Linux, choose one such as "t4g.micro"`;
  return undefined;
}

/** The architecture of an instance type, which its image must share. */
export function architectureOf(instanceType: string): Architecture {
  return GRAVITON.test(instanceType) ? Architecture.Arm64 : Architecture.X86_64;
}
