import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { describeWithKubernetesStack, KubernetesStack } from "../support/kubernetes-stack.ts";

describeWithKubernetesStack("bad input in a cluster fails the preview, with the remedy", () => {
  let stack: KubernetesStack;

  beforeAll(async () => {
    stack = await KubernetesStack.create({});
  });

  afterAll(async () => stack?.remove());

  const inCluster = (settings: object): Partial<CustomerFile> => ({
    kubernetes: settings as NonNullable<CustomerFile["kubernetes"]>,
  });

  const cases: readonly [string, Partial<CustomerFile>, string][] = [
    [
      "no image",
      inCluster({ image: undefined }),
      'kubernetes.image: is missing; build and push it with "sh scripts/build-image.sh", and give the reference it prints, such as',
    ],
    [
      "an image without a digest",
      inCluster({ image: "registry.example.com/reverse-bastion:1.0" }),
      'kubernetes.image: got "registry.example.com/reverse-bastion:1.0" without a digest, so what runs would depend on the day; add the @sha256:… that scripts/build-image.sh printed, or write allowUnpinnedImage: true',
    ],
    [
      "a node port without the name that clients dial",
      inCluster({ exposure: { kind: "node-port", nodePort: 30022 } }),
      "kubernetes.host: is missing; name what clients dial: with node-port, nobody else knows it",
    ],
    [
      "a selection of consumers that says nothing",
      inCluster({ consumerPods: [{}] }),
      "kubernetes.consumerPods[0]: is empty, and an empty selector would match every pod; give namespaceLabels or podLabels, or write allNamespaces: true if every pod of the cluster is meant",
    ],
    [
      "labels of consumers that everything has",
      inCluster({ consumerPods: [{ podLabels: {} }] }),
      "kubernetes.consumerPods[0].podLabels: is empty, so everything would match; name a label, or write allNamespaces: true if all namespaces are meant",
    ],
    [
      "a DNS zone",
      { dns: { zone: "ssh.example.com" } },
      "dns: the target kubernetes makes no DNS records; name the bastion in kubernetes.host, or leave it to external-dns",
    ],
    [
      "a service for tunnels with the name of that of sshd",
      inCluster({ serviceName: "acme-bastion-ssh" }),
      'kubernetes.serviceName: "acme-bastion-ssh" is the name of the service of sshd; choose another',
    ],
  ];

  test.each(cases)("%s", async (_what, parts, message) => {
    stack.deployment.describe(stack.customerFile(parts));
    const { exitCode, stdout, stderr } = await stack.deployment.attempt("preview", "--stack", "acme");
    expect(exitCode).not.toBe(0);
    const problems = [...(stdout + stderr).matchAll(/acme\.yaml:\d+ (.*)/g)].map(([, problem]) => problem);
    expect(problems, stdout + stderr).toEqual([expect.stringContaining(message)]);
    expect(await stack.objectsOfBastion()).toEqual([]);
  });
});
