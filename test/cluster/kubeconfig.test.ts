import { expect, test } from "vitest";
import { parseKubeconfig, renderKubeconfig } from "./kubeconfig.ts";

const SERVER = { server: "https://127.0.0.1:6443", certificateAuthority: "an authority\n" };

test.each([
  ["a certificate", { ...SERVER, clientCertificate: "a certificate\n", clientKey: "a key\n" }],
  ["a token", { ...SERVER, token: "a.token" }],
  ["nothing", SERVER],
])("a user who is known by %s comes back from a kubeconfig", (_, connection) => {
  expect(parseKubeconfig(renderKubeconfig(connection))).toEqual(connection);
});

const SEVERAL = `
apiVersion: v1
kind: Config
current-context: first
clusters:
  - {name: a, cluster: {server: "https://a.example", certificate-authority-data: YQ==}}
  - {name: b, cluster: {server: "https://b.example", certificate-authority-data: Yg==}}
  - {name: open, cluster: {server: "https://open.example"}}
users:
  - {name: jane, user: {token: hers}}
contexts:
  - {name: first, context: {cluster: a, user: jane}}
  - {name: second, context: {cluster: b, user: nobody, namespace: team}}
  - {name: astray, context: {cluster: c, user: jane}}
  - {name: open, context: {cluster: open, user: jane}}
`;

test("the context that is current counts, or the one that is asked for", () => {
  expect(parseKubeconfig(SEVERAL)).toEqual({ server: "https://a.example", certificateAuthority: "a", token: "hers" });
  expect(parseKubeconfig(SEVERAL, "second")).toEqual({ server: "https://b.example", certificateAuthority: "b", namespace: "team" });
});

test("what is missing is named", () => {
  expect(() => parseKubeconfig(SEVERAL, "third")).toThrow("this kubeconfig has no context third");
  expect(() => parseKubeconfig(SEVERAL, "astray")).toThrow("this kubeconfig has no cluster c");
  expect(() => parseKubeconfig(SEVERAL, "open")).toThrow("this kubeconfig has no certificate authority of open");
});
