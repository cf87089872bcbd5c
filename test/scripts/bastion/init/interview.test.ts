import { expect, test } from "vitest";
import { checkAnswers } from "../../../../scripts/bastion/init/check-answers.ts";
import { interview } from "../../../../scripts/bastion/init/interview.ts";
import { ED25519_A } from "../../../support/keys.ts";

const readFile = (path: string) => {
  if (path === "dc1.pub") return ED25519_A.line;
  throw Object.assign(new Error("no such file"), { code: "ENOENT" });
};

/** Answers the questions in order, and gives what was asked, what was explained, and what came of it. */
async function talk(typed: readonly string[], given?: string) {
  const left = [...typed];
  const heard: string[] = [];
  const answers = await interview(
    {
      ask: async (question) => {
        const answer = left.shift();
        if (answer === undefined) throw new Error(`no answer is left for: ${question}`);
        heard.push(question);
        return answer;
      },
      explain: (reason) => heard.push(`! ${reason}`),
      readFile,
      checkName: (name) => (name === "acme" ? "has a file already" : undefined),
    },
    given,
  );
  expect(left).toEqual([]);
  return { heard, ...checkAnswers(answers, readFile) };
}

test("one question a line, defaults in brackets", async () => {
  const { heard, draft, problems } = await talk([
    "globex",
    "",
    "",
    "198.51.100.0/24",
    "10.20.0.0/16",
    "",
    "orders-db.internal:5432",
    "",
    "",
    "",
    "",
    "",
  ]);
  expect(heard).toEqual([
    "Name of the customer: ",
    "Target (local, aws, gcp, azure, kubernetes) [local]: ",
    "Name or address that clients dial [none]: ",
    "CIDR blocks that may reach sshd, such as 198.51.100.0/24: ",
    "CIDR blocks that may reach bind ports, such as 10.20.0.0/16: ",
    "Name of a tunnel [orders]: ",
    "Data source of orders, host:port as the customer's agent sees it: ",
    "Bind port of orders [allocated]: ",
    "Another tunnel [none]: ",
    "Name of a client [dc1]: ",
    "File with the public key of dc1 [have a key made]: ",
    "Another client [none]: ",
  ]);
  expect({ draft, problems }).toEqual({
    problems: [],
    draft: {
      customer: "globex",
      target: "local",
      clientCidrs: ["198.51.100.0/24"],
      consumerCidrs: ["10.20.0.0/16"],
      tunnels: [{ name: "orders", destination: "orders-db.internal:5432" }],
      clients: [{ name: "dc1", generateKey: "ed25519" }],
    },
  });
});

test("a wrong answer is explained and asked for again, and takes nothing with it", async () => {
  const { heard, draft, problems } = await talk([
    ...["Globex", "acme", "globex", "gcp", "Nowhere", "europe-west3-a", "", "198.51.100.0/24 192.0.2.0/24", "10.0.0.5/24", "10.0.0.0/24"],
    ...["orders", "db", "db.internal:5432", "22", "15000", "orders", "billing", "db.internal:3306", "", ""],
    ...["dc1", "gone.pub", "dc1.pub", "dc1", "dr-site", "", ""],
  ]);
  expect(heard.filter((line) => line.startsWith("!"))).toEqual([
    expect.stringContaining('got "Globex"'),
    "! has a file already",
    expect.stringContaining('"Nowhere"'),
    expect.stringContaining("is missing; name the CIDR blocks that may reach sshd"),
    expect.stringContaining('"10.0.0.5/24" has host bits set'),
    expect.stringContaining('"db"'),
    expect.stringContaining("got 22"),
    expect.stringContaining('"orders" is already the name'),
    expect.stringContaining('"gone.pub" cannot be read'),
    expect.stringContaining('"dc1" is already the name'),
  ]);
  expect(heard.slice(0, 5)).toEqual([
    "Name of the customer: ",
    expect.stringMatching(/^! got "Globex"; a name is/),
    "Name of the customer: ",
    "! has a file already",
    "Name of the customer: ",
  ]);
  expect({ draft, problems }).toEqual({
    problems: [],
    draft: {
      customer: "globex",
      target: "gcp",
      gcp: { zone: "europe-west3-a" },
      clientCidrs: ["198.51.100.0/24", "192.0.2.0/24"],
      consumerCidrs: ["10.0.0.0/24"],
      tunnels: [
        { name: "orders", destination: "db.internal:5432", bindPort: 15000 },
        { name: "billing", destination: "db.internal:3306" },
      ],
      clients: [
        { name: "dc1", publicKeys: [ED25519_A.line] },
        { name: "dr-site", generateKey: "ed25519" },
      ],
    },
  });
});

test("a name that was given is not asked for, and a cluster is asked about all it needs", async () => {
  const image = `registry.example.com/reverse-bastion@sha256:${"a".repeat(64)}`;
  const { heard, draft, problems } = await talk(
    ["kubernetes", "bastions", image, "load-balancer=gcp", "", "198.51.100.0/24", "10.20.0.0/16", "flow", "db:1", "", "", "agent", "", ""],
    "globex",
  );
  expect(heard.filter((line) => line.startsWith("!"))).toEqual([]);
  expect({ kubernetes: draft.kubernetes, problems }).toEqual({
    problems: [],
    kubernetes: { namespace: "bastions", image, exposure: { kind: "load-balancer", loadBalancer: { cloud: "gcp" } } },
  });
});
