import { expect, test } from "vitest";
import { renderCustomerSchema } from "../../stacks/customer-schema.ts";

interface SchemaNode {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: SchemaNode;
  readonly enum?: readonly string[];
  readonly const?: string;
}

const { anyOf } = JSON.parse(renderCustomerSchema()) as { readonly anyOf: readonly [SchemaNode, SchemaNode] };
const [bastionFile, privateLinkFile] = anyOf;

/** Every mapping of the schema, with its path. */
function mappings(node: SchemaNode, path: string): [path: string, mapping: SchemaNode][] {
  const inner = Object.entries(node.properties ?? {}).flatMap(([key, child]) => mappings(child, `${path}.${key}`));
  return [
    ...(node.properties === undefined ? [] : [[path, node] as [string, SchemaNode]]),
    ...inner,
    ...(node.items ? mappings(node.items, `${path}[]`) : []),
  ];
}

/** What an editor demands of each mapping, and whether it lets other fields pass. */
const rulesOf = (shape: SchemaNode) =>
  mappings(shape, "").map(([path, { required = [], additionalProperties }]) => [path, [...required].sort(), additionalProperties]);

const PRIVATE_LINK_RULES = [
  [".privateEndpoints[]", ["location", "name", "service"], false],
  [".privateLinkServices[]", ["frontendSubnetId", "location", "name", "ports"], false],
  [".privateLinkServices[].ports[]", ["name", "port"], false],
  [".privateLinkServices[].probe", [], false],
];

test("editors mark unknown and missing fields", () => {
  expect(anyOf).toHaveLength(2);
  expect(rulesOf(bastionFile)).toEqual([
    ["", ["clientCidrs", "clients", "consumerCidrs", "customer", "target", "tunnels"], false],
    [".aws", [], false],
    [".aws.admin", ["cidrs", "publicKey"], false],
    [".azure", ["location"], false],
    [".azure.admin", ["cidrs", "publicKey"], false],
    [".gcp", ["zone"], false],
    [".gcp.admin", ["cidrs"], false],
    [".kubernetes", ["exposure", "image", "namespace"], false],
    [".kubernetes.exposure", ["kind"], false],
    [".kubernetes.exposure.loadBalancer", ["cloud"], false],
    [".kubernetes.exposure.nginx", [], false],
    [".kubernetes.exposure.gateway", ["name", "sectionName"], false],
    [".kubernetes.consumerPods[]", [], false],
    [".kubernetes.workloads", [], false],
    [".kubernetes.resources", [], false],
    [".kubernetes.resources.requests", [], false],
    [".kubernetes.resources.limits", [], false],
    [".kubernetes.tolerations[]", [], false],
    [".kubernetes.podDisruptionBudget", ["maxUnavailable"], false],
    [".local", [], false],
    [".tunnels[]", ["name"], false],
    [".clients[]", ["name"], false],
    [".consumers[]", ["name"], false],
    [".operators[]", ["name"], false],
    [".bindPortRange", ["first", "last"], false],
    [".dns", ["zone"], false],
    ...PRIVATE_LINK_RULES,
  ]);
  expect(rulesOf(privateLinkFile)).toEqual([["", ["customer", "target"], false], ...PRIVATE_LINK_RULES]);
});

test("editors offer the values of a choice, and say what each field is for", () => {
  expect(bastionFile.properties?.clients?.items?.properties?.generateKey?.enum).toEqual(["ed25519", "rsa-pem"]);
  expect(bastionFile.properties?.target?.enum).toEqual(["aws", "azure", "gcp", "kubernetes", "local"]);
  expect(privateLinkFile.properties?.target?.const).toBe("private-link");
  expect(bastionFile.properties?.aws?.properties?.image?.enum).toEqual(["debian-13", "debian-12", "ubuntu-24.04"]);
  const undescribed = [bastionFile, privateLinkFile].flatMap((shape) =>
    mappings(shape, "").flatMap(([path, { properties = {} }]) =>
      Object.entries(properties).flatMap(([key, { description = "" }]) => (description === "" ? [`${path}.${key}`] : [])),
    ),
  );
  expect(undescribed).toEqual([]);
});
