import { expect, test } from "vitest";
import { parseResourcePath, regionOf } from "../../../components/core/gcp/gcp-resource-path.ts";

test.each([
  ["prod", "prod", undefined, undefined],
  ["projects/host/global/networks/prod", "prod", "host", undefined],
  ["https://www.googleapis.com/compute/v1/projects/host/regions/europe-west3/subnetworks/prod", "prod", "host", "europe-west3"],
  ["projects/example.com:host/managedZones/ssh", "ssh", "example.com:host", undefined],
])("%s is %s of the project %s in %s", (text, name, project, region) => {
  expect(parseResourcePath(text)).toEqual({ name, project, region });
});

test("a zone's region is what comes before its letter", () => {
  expect([regionOf("europe-west3-a"), regionOf("us-south1-ai1b")]).toEqual(["europe-west3", "us-south1"]);
});
