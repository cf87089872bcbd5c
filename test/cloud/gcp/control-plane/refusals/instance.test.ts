import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../../plugin/values.ts";
import { instanceInputs, makeNetwork, type TestNetwork, TestProject, withAddress } from "../test-project.ts";
import { TYPE } from "../types.ts";

let project: TestProject;
let made: TestNetwork;

beforeEach(async () => {
  project = new TestProject();
  made = await makeNetwork(project);
});

afterEach(() => project.dispose());

const KIB = 1024;
const disk = (image: string, parts: Properties = {}) => ({ bootDisk: { initializeParams: { image, ...parts } } });

describe("GCP refuses of an instance", () => {
  test.each<[string, string, (made: TestNetwork) => Properties]>([
    ["a machine type there is not", "invalid", () => ({ machineType: "e2-mini" })],
    ["an image for another processor", "badRequest", () => disk("debian-cloud/debian-13-arm64")],
    ["a processor for another image", "badRequest", () => ({ machineType: "t2a-standard-1" })],
    [
      "a disk that its family cannot have",
      "badRequest",
      () => ({ machineType: "c4a-standard-1", ...disk("debian-cloud/debian-13-arm64") }),
    ],
    ["a disk smaller than its image", "invalid", () => disk("debian-cloud/debian-13", { size: 9 })],
    ["a type of disk there is not", "invalid", () => disk("debian-cloud/debian-13", { type: "pd-fast" })],
    ["a zone there is not", "invalid", () => ({ zone: "europe-west3-z" })],
    ["a subnetwork of another region", "invalid", () => ({ zone: "us-east1-b" })],
    ["a network without a subnetwork", "invalid", ({ network }) => ({ networkInterfaces: [{ network: network.id }] })],
    ["an address nobody has reserved", "invalid", ({ subnetwork }) => withAddress(subnetwork, "192.0.2.200")],
    [
      "an internal address outside of the range",
      "badRequest",
      ({ subnetwork }) => ({ networkInterfaces: [{ subnetwork: subnetwork.id, networkIp: "10.99.0.5" }] }),
    ],
    ["a service account there is not", "notFound", () => ({ serviceAccount: { email: "absent@acme.example", scopes: [] } })],
    ["a tag with a capital letter", "invalid", () => ({ tags: ["Bastion"] })],
    ["a label with a capital letter", "invalid", () => ({ labels: { owner: "Jane" } })],
    ["a key of metadata with a dot", "invalid", () => ({ metadata: { "a.b": "c" } })],
    ["a value of metadata over 256 KiB", "fieldSizeTooLarge", () => ({ metadata: { a: "x".repeat(256 * KIB + 1) } })],
    [
      "metadata over 512 KiB in all",
      "fieldSizeTooLarge",
      () => ({ metadata: Object.fromEntries(["a", "b", "c"].map((key) => [key, "x".repeat(200 * KIB)])) }),
    ],
    [
      "secure boot of an image for arm64",
      "invalid",
      () => ({
        machineType: "t2a-standard-1",
        ...disk("debian-cloud/debian-13-arm64"),
        shieldedInstanceConfig: { enableSecureBoot: true },
      }),
    ],
  ])("%s", async (_what, code, parts) => {
    expect(await project.refusal(() => project.make("instance", instanceInputs(made, parts(made))))).toBe(code);
    expect(project.world.records(TYPE.instance)).toEqual({});
  });

  test.each([
    ["an image there is not", disk("debian-cloud/debian-9"), "Could not find image or family debian-cloud/debian-9"],
    [
      "two startup scripts",
      { metadataStartupScript: "#!/bin/sh\n" },
      "Cannot provide both metadata_startup_script and metadata.startup-script",
    ],
  ])("%s", async (_what, parts, words) => {
    expect(await project.refusal(() => project.make("instance", instanceInputs(made, parts)))).toContain(words);
  });

  test("an external address that another one has, of another tier, or of another region", async () => {
    const address = await project.make("address", {});
    const attach = (parts: Properties) => project.make("instance", instanceInputs(made, parts));
    expect(await project.refusal(() => attach(withAddress(made.subnetwork, address.state.address, "STANDARD")))).toBe("invalid");
    await attach(withAddress(made.subnetwork, address.state.address));
    await expect(attach(withAddress(made.subnetwork, address.state.address))).rejects.toThrow(
      "External IP address: 192.0.2.129 is already in-use., invalid",
    );
    const elsewhere = await project.make("address", { region: "us-east1" });
    await expect(attach(withAddress(made.subnetwork, elsewhere.state.address))).rejects.toThrow(
      "The specified external IP address '192.0.2.130' was not found in region 'europe-west3'",
    );
  });

  test("an internal address that another one has", async () => {
    const networkInterfaces = [{ subnetwork: made.subnetwork.id, networkIp: "10.20.0.9" }];
    await project.make("instance", instanceInputs(made, { networkInterfaces }));
    await expect(project.make("instance", instanceInputs(made, { networkInterfaces }))).rejects.toThrow(
      "Error waiting for creating Instance: IP_IN_USE_BY_ANOTHER_RESOURCE: IP '10.20.0.9' is already being used by another resource",
    );
  });

  test("a second one of a name in a zone", async () => {
    await project.make("instance", instanceInputs(made, { name: "twin" }));
    expect(await project.refusal(() => project.make("instance", instanceInputs(made, { name: "twin" })))).toBe("alreadyExists");
  });

  test.each([
    ["another machine type", { machineType: "e2-small" }],
    ["another shield", { shieldedInstanceConfig: { enableSecureBoot: true } }],
    ["other scopes", { serviceAccount: { scopes: ["compute-ro"] } }],
  ])("%s while it runs, unless it may be stopped", async (_what, parts) => {
    const instance = await project.make("instance", instanceInputs(made));
    expect(await project.refusal(() => project.update("instance", instance, instanceInputs(made, parts)))).toContain(
      "please set allow_stopping_for_update = true",
    );
    await project.update("instance", instance, instanceInputs(made, { ...parts, allowStoppingForUpdate: true }));
    expect(project.world.find(TYPE.instance, instance.id)).toMatchObject({
      ...parts,
      currentStatus: "RUNNING",
      ...stateOf(parts),
    });
  });

  test("its removal while it is protected", async () => {
    const inputs = instanceInputs(made, { deletionProtection: true });
    const instance = await project.make("instance", inputs);
    expect(await project.refusal(() => project.remove("instance", instance))).toContain("instance Deletion Protection is enabled");
    await project.remove("instance", await project.update("instance", instance, instanceInputs(made)));
    expect(project.world.records(TYPE.instance)).toEqual({});
  });

  test("the removal of what it uses", async () => {
    const address = await project.make("address", {});
    const instance = await project.make("instance", instanceInputs(made, withAddress(made.subnetwork, address.state.address)));
    for (const [kind, used] of [
      ["subnetwork", made.subnetwork],
      ["address", address],
    ] as const)
      expect(await project.refusal(() => project.remove(kind, used))).toBe("resourceInUseByAnotherResource");
    await project.remove("instance", instance);
    await project.remove("address", address);
  });
});

/** Scopes go into state by their whole name. */
function stateOf(parts: Properties): Properties {
  return parts.serviceAccount === undefined ? {} : { serviceAccount: { scopes: ["https://www.googleapis.com/auth/compute-ro"] } };
}
