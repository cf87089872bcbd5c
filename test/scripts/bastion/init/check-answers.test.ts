import { expect, test } from "vitest";
import { type Answers, EXAMPLE_ANSWERS } from "../../../../scripts/bastion/init/answers.ts";
import { checkAnswers } from "../../../../scripts/bastion/init/check-answers.ts";
import { ED25519_A, ED25519_B } from "../../../support/keys.ts";

const IMAGE = `registry.example.com/reverse-bastion@sha256:${"a".repeat(64)}`;
const FILES: Readonly<Record<string, string>> = {
  "dc1.pub": `# the agents\n${ED25519_A.line} dc1\n\n${ED25519_B.line} dc1-spare\n`,
  dc1: "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n",
  "empty.pub": "\n",
};

function readFile(path: string): string {
  const content = FILES[path];
  if (content === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
  return content;
}

const check = (answers: Partial<Answers>) => checkAnswers({ ...EXAMPLE_ANSWERS, ...answers }, readFile);
const problemsOf = (answers: Partial<Answers>) => check(answers).problems.map(({ path, reason }) => `${path}: ${reason}`);

test("the examples are right, for every target", () => {
  expect(check({})).toEqual({
    problems: [],
    draft: {
      customer: "example",
      target: "local",
      clientCidrs: ["198.51.100.0/24"],
      consumerCidrs: ["10.20.0.0/16"],
      tunnels: [{ name: "orders", destination: "orders-db.example.internal:5432" }],
      clients: [{ name: "dc1", generateKey: "ed25519" }],
    },
  });
  for (const answers of [
    { target: "local", host: "bastion.example.com" },
    { target: "aws" },
    { target: "aws", region: "eu-central-1" },
    { target: "gcp", zone: "europe-west3-a" },
    { target: "azure", location: "westeurope" },
    { target: "kubernetes", namespace: "bastions", image: IMAGE, exposure: "load-balancer=aws" },
    { target: "kubernetes", namespace: "bastions", image: IMAGE, exposure: "none" },
    { target: "kubernetes", namespace: "bastions", image: IMAGE, exposure: "node-port=30022", host: "nodes.example.com" },
    { target: "kubernetes", namespace: "bastions", image: IMAGE, exposure: "nginx-tcp-services", host: "ingress.example.com" },
    { target: "kubernetes", namespace: "bastions", image: IMAGE, exposure: "gateway-tcp-route=public/ssh", host: "gw.example.com" },
  ])
    expect({ answers, problems: problemsOf(answers) }).toEqual({ answers, problems: [] });
});

test("settings, bind ports and public keys get to their places", () => {
  const { draft, problems } = check({
    target: "kubernetes",
    namespace: "bastions",
    image: IMAGE,
    exposure: "node-port=30022",
    host: "nodes.example.com",
    tunnels: ["orders=[2001:db8::1]:5432@15000", "billing=mysql.internal:3306"],
    clients: ["dc1=dc1.pub", "dr-site"],
  });
  expect({ draft, problems }).toMatchObject({
    problems: [],
    draft: {
      kubernetes: { namespace: "bastions", image: IMAGE, exposure: { kind: "node-port", nodePort: 30022 }, host: "nodes.example.com" },
      tunnels: [
        { name: "orders", destination: "[2001:db8::1]:5432", bindPort: 15000 },
        { name: "billing", destination: "mysql.internal:3306" },
      ],
      clients: [
        { name: "dc1", publicKeys: [`${ED25519_A.line} dc1`, `${ED25519_B.line} dc1-spare`] },
        { name: "dr-site", generateKey: "ed25519" },
      ],
    },
  });
});

test("everything that is missing is said at once", () => {
  const missing = { clientCidrs: [], consumerCidrs: [], tunnels: [], clients: [] };
  expect(checkAnswers(missing, readFile).problems.map(({ path }) => path)).toEqual([
    "--target",
    "NAME",
    "--client-cidr",
    "--consumer-cidr",
    "--tunnel",
    "--client",
  ]);
  expect(problemsOf({ target: "gcp" })).toEqual(["--zone: is missing; the target gcp needs it, such as europe-west3-a"]);
  expect(problemsOf({ target: "azure" })).toEqual(["--location: is missing; the target azure needs it, such as westeurope"]);
  expect(check({ target: "kubernetes" }).problems.map(({ path }) => path)).toEqual(["--namespace", "--image", "--exposure"]);
});

test.each([
  { answers: { name: "Globex!" }, path: "NAME", reason: /^got "Globex!"; a name is 1–40/ },
  { answers: { target: "moon" }, path: "--target", reason: /^got "moon"; allowed is local, aws, gcp, azure, kubernetes$/ },
  { answers: { zone: "a" }, path: "--zone", reason: /^goes with the target gcp, and this one is local; leave it out$/ },
  { answers: { target: "gcp", zone: "Nowhere" }, path: "--zone", reason: /Nowhere/ },
  {
    answers: { clientCidrs: ["198.51.100.0/24", "10.0.0.5/24"] },
    path: "--client-cidr",
    reason: /^"10.0.0.5\/24" has host bits set; write "10.0.0.0\/24"/,
  },
  { answers: { consumerCidrs: ["ten"] }, path: "--consumer-cidr", reason: /"ten"/ },
  { answers: { tunnels: ["orders"] }, path: "--tunnel", reason: /^got "orders"; expected name=host:port, or name=host:port@bindPort$/ },
  { answers: { tunnels: ["orders=db:5432@http"] }, path: "--tunnel", reason: /expected name=host:port/ },
  { answers: { tunnels: ["orders=db:5432@22"] }, path: "--tunnel orders", reason: /^got 22/ },
  { answers: { tunnels: ["orders=db"] }, path: "--tunnel orders", reason: /"db"/ },
  { answers: { tunnels: ["orders=db:1", "orders=db:2"] }, path: "--tunnel orders", reason: /already the name/ },
  {
    answers: { clients: ["dc1=gone.pub"] },
    path: "--client",
    reason: /^"gone.pub" cannot be read \(ENOENT\); name the client's .pub file$/,
  },
  { answers: { clients: ["dc1=dc1"] }, path: "--client", reason: /^"dc1" is a private key, which stays with the client/ },
  { answers: { clients: ["dc1=empty.pub"] }, path: "--client", reason: /has no key in it/ },
  { answers: { clients: ["dc1=dc1.pub", "dc2=dc1.pub"] }, path: "--client dc2", reason: /is the same key as/ },
])("$answers is refused at $path", ({ answers, path, reason }) => {
  const { problems } = check(answers);
  expect(problems[0]).toEqual({ path, reason: expect.stringMatching(reason) });
  expect(new Set(problems.map((problem) => problem.path))).toEqual(new Set([path]));
});

test.each(["sideways", "load-balancer", "load-balancer=moon", "node-port", "node-port=1", "gateway-tcp-route=public", "none=1"])(
  "the exposure %s is refused",
  (exposure) => {
    const { problems } = check({ target: "kubernetes", namespace: "bastions", image: IMAGE, exposure, host: "bastion.example.com" });
    expect(new Set(problems.map(({ path }) => path))).toEqual(new Set(["--exposure"]));
  },
);

test("problems of several kinds come together", () => {
  expect(
    check({ name: "Globex", target: "gcp", clientCidrs: ["x"], tunnels: ["orders", "billing=b"], clients: ["A"] }).problems.map(
      ({ path }) => path,
    ),
  ).toEqual(["--zone", "--tunnel", "NAME", "--client-cidr", "--client A", "--tunnel billing"]);
});
