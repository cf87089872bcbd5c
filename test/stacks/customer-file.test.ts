import { expect, test } from "vitest";
import { renderCustomerSchema } from "../../stacks/customer-schema.ts";

interface SchemaNode {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: SchemaNode;
  readonly enum?: readonly string[];
}

const schema = JSON.parse(renderCustomerSchema()) as SchemaNode;

/** Every mapping of the schema, with its path. */
function mappings(node: SchemaNode, path: string): [path: string, mapping: SchemaNode][] {
  const inner = Object.entries(node.properties ?? {}).flatMap(([key, child]) => mappings(child, `${path}.${key}`));
  return [
    ...(node.properties === undefined ? [] : [[path, node] as [string, SchemaNode]]),
    ...inner,
    ...(node.items ? mappings(node.items, `${path}[]`) : []),
  ];
}

test("editors mark unknown and missing fields", () => {
  const rules = mappings(schema, "").map(([path, { required = [], additionalProperties }]) => [
    path,
    [...required].sort(),
    additionalProperties,
  ]);
  expect(rules).toEqual([
    ["", ["clientCidrs", "clients", "consumerCidrs", "customer", "target", "tunnels"], false],
    [".aws", [], false],
    [".aws.admin", ["cidrs", "publicKey"], false],
    [".gcp", ["zone"], false],
    [".gcp.admin", ["cidrs"], false],
    [".local", [], false],
    [".tunnels[]", ["name"], false],
    [".clients[]", ["name"], false],
    [".consumers[]", ["name"], false],
    [".bindPortRange", ["first", "last"], false],
    [".dns", ["zone"], false],
  ]);
});

test("editors offer the values of a choice, and say what each field is for", () => {
  expect(schema.properties?.clients?.items?.properties?.generateKey?.enum).toEqual(["ed25519", "rsa-pem"]);
  expect(schema.properties?.target?.enum).toEqual(["aws", "gcp", "local"]);
  expect(schema.properties?.aws?.properties?.image?.enum).toEqual(["debian-13", "debian-12", "ubuntu-24.04"]);
  const undescribed = mappings(schema, "").flatMap(([path, { properties = {} }]) =>
    Object.entries(properties).flatMap(([key, { description = "" }]) => (description === "" ? [`${path}.${key}`] : [])),
  );
  expect(undescribed).toEqual([]);
});
