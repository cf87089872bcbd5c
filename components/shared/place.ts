import * as pulumi from "@pulumi/pulumi";

/** Where a component is declared, `<project>/<stack>/<name>`: tells it from all others of a backend. */
export function placeOf(name: string): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
}
