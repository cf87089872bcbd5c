import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../../plugin/values.ts";
import type { Made } from "../../../world/provider/direct-provider.ts";
import {
  base64,
  interfaceInputs,
  machineInputs,
  makeNetwork,
  osProfile,
  storageProfile,
  type TestNetwork,
  TestProject,
} from "../test-project.ts";
import { TYPE } from "../types.ts";

const BYTES = 65_535;
const ECDSA =
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHm1C7CZ3UgvOPRvQKAjqL3pIpGiyoO5uOdTtYQHHV1dEnkmo6yQ0hXW/lFV/4xYiPQjLQqGyH1WPxvYI4Hv4Cs=";

let project: TestProject;
let made: TestNetwork;
let nic: Made;

beforeEach(async () => {
  project = new TestProject({ unavailableSizes: ["Standard_B4as_v2"] });
  made = await makeNetwork(project);
  nic = await project.make("networkInterface", interfaceInputs(made));
});

afterEach(() => project.dispose());

const size = (vmSize: string) => ({ hardwareProfile: { vmSize } });
const os = (parts: Properties) => ({ osProfile: osProfile(parts) });
const key = (keyData: string, path = "/home/bastion-admin/.ssh/authorized_keys") =>
  os({ linuxConfiguration: { ssh: { publicKeys: [{ path, keyData }] } } });
const image = (parts: Properties) => ({ storageProfile: storageProfile(parts) });
const disk = (parts: Properties) => ({ storageProfile: storageProfile({}, parts) });
const trusted = { securityProfile: { securityType: "TrustedLaunch", uefiSettings: { secureBootEnabled: true, vTpmEnabled: true } } };

describe("Azure refuses of a machine", () => {
  test.each<[string, string, Properties]>([
    ["a name with a dollar sign", "InvalidParameter", { vmName: "bas$tion" }],
    ["a name of 65 characters", "InvalidParameter", { vmName: "b".repeat(65) }],
    ["a host name with a dot", "InvalidParameter", os({ computerName: "bastion.acme" })],
    ["a host name with an underscore", "InvalidParameter", os({ computerName: "bastion_acme" })],
    ["a host name of 65 characters", "InvalidParameter", os({ computerName: "b".repeat(65) })],
    ["no user", "InvalidParameter", os({ adminUsername: undefined })],
    ["user admin", "InvalidParameter", os({ adminUsername: "admin" })],
    ["user Root", "InvalidParameter", os({ adminUsername: "Root" })],
    ["a user's name with a space", "InvalidParameter", os({ adminUsername: "bastion admin" })],
    ["neither key nor password", "InvalidParameter", os({ linuxConfiguration: { disablePasswordAuthentication: true } })],
    ["a key elsewhere than in the user's home", "InvalidParameter", key(ed25519(), "/home/admin/.ssh/authorized_keys")],
    ["an ECDSA key", "InvalidParameter", key(ECDSA)],
    ["an RSA key of 1024 bits", "InvalidParameter", key(rsa(1024))],
    ["half a key", "InvalidParameter", key(ed25519().slice(0, 40))],
    ["custom data of 64 KiB", "InvalidParameter", os({ customData: base64("x".repeat(BYTES + 1)) })],
    ["custom data that is not base64", "InvalidParameter", os({ customData: "#cloud-config\n" })],
    ["data of the user's of 64 KiB", "InvalidParameter", { userData: base64("x".repeat(BYTES + 1)) }],
    ["data of the user's that is not base64", "InvalidParameter", { userData: "{}" }],
    ["a size there is not", "InvalidParameter", size("Standard_B2mega_v9")],
    ["a size there is no room for", "SkuNotAvailable", size("Standard_B4as_v2")],
    ["an image there is not", "PlatformImageNotFound", image({ sku: "13-gen3" })],
    ["a version there is not", "PlatformImageNotFound", image({ version: "0.1" })],
    ["an image of a gallery there is not", "GalleryImageNotFound", image({ id: "/absent" })],
    ["an image for arm64", "BadRequest", image({ sku: "13-arm64" })],
    ["a size of arm64", "BadRequest", size("Standard_B2pts_v2")],
    ["trusted launch of an image of generation 1", "BadRequest", { ...trusted, ...image({ sku: "13" }) }],
    ["trusted launch on arm64", "BadRequest", { ...trusted, ...size("Standard_B2pts_v2"), ...image({ sku: "13-arm64" }) }],
    ["trusted launch of an old size", "BadRequest", { ...trusted, ...size("Standard_A2_v2") }],
    ["generation 1 of a new size", "BadRequest", { ...size("Standard_D2as_v6"), ...image({ sku: "13" }) }],
    ["a disk smaller than its image", "InvalidParameter", disk({ diskSizeGB: 29 })],
    ["a type of disk there is not", "InvalidParameter", disk({ managedDisk: { storageAccountType: "Fast_LRS" } })],
    ["an identity there is not", "FailedIdentityOperation", { identity: { type: "UserAssigned", userAssignedIdentities: ["/absent"] } }],
    ["a zone there is not", "InvalidAvailabilityZone", { zones: ["4"] }],
    ["no network interface", "InvalidParameter", { networkProfile: { networkInterfaces: [] } }],
    ["a network interface there is not", "InvalidResourceReference", { networkProfile: { networkInterfaces: [{ id: "/absent" }] } }],
    ["a network interface of another region", "InvalidResourceReference", { location: "eastus" }],
  ])("%s", async (_what, code, parts) => {
    expect(await project.refusal(() => project.make("virtualMachine", machineInputs(made, nic, parts)))).toBe(code);
    expect(project.world.records(TYPE.disk)).toEqual({});
  });

  test.each<[string, Properties]>([
    ["the largest data", { userData: base64("x".repeat(BYTES)), ...os({ customData: base64("x".repeat(BYTES)) }) }],
    ["an RSA key of 2048 bits", key(rsa(2048))],
    ["arm64", { ...size("Standard_B2pts_v2"), ...image({ sku: "13-arm64" }) }],
    ["trusted launch", trusted],
    ["an image of generation 1 without it", image({ sku: "13" })],
  ])("nothing of %s", async (_what, parts) => {
    expect(await project.refusal(() => project.make("virtualMachine", machineInputs(made, nic, parts)))).toBe("not refused");
  });

  test("a network interface that another machine has, a disk's name that is taken, a zone that is not its address's", async () => {
    const machine = await project.make("virtualMachine", machineInputs(made, nic, disk({ name: "disk", deleteOption: "Detach" })));
    expect(await project.refusal(() => project.make("virtualMachine", machineInputs(made, nic)))).toBe("NicInUse");
    await project.remove("virtualMachine", machine);
    expect(await project.refusal(() => project.make("virtualMachine", machineInputs(made, nic, disk({ name: "disk" }))))).toBe(
      "ConflictingUserInput",
    );
    const inZone = { sku: { name: "Standard" }, publicIPAllocationMethod: "Static", zones: ["2"] };
    const address = await project.make("publicIPAddress", { ...made.inGroup, ...inZone });
    const other = await project.make("networkInterface", interfaceInputs(made, { publicIPAddress: { id: address.id } }));
    const inputs = machineInputs(made, other, { zones: ["1"] });
    expect(await project.refusal(() => project.make("virtualMachine", inputs))).toBe("ZonesMismatch");
  });
});

describe("Azure refuses to change", () => {
  test.each<[string, string, Properties]>([
    ["osProfile.customData", "PropertyChangeNotAllowed", os({ customData: base64("other") })],
    ["osProfile.adminUsername", "PropertyChangeNotAllowed", os({ adminUsername: "somebody" })],
    ["osProfile.computerName", "PropertyChangeNotAllowed", os({ computerName: "other" })],
    ["linuxConfiguration.ssh.publicKeys", "PropertyChangeNotAllowed", key(rsa(2048))],
    ["imageReference", "PropertyChangeNotAllowed", image({ offer: "debian-12", sku: "12-gen2" })],
    ["imageReference", "PropertyChangeNotAllowed", image({ version: "0.20260609.2134" })],
    ["osDisk.name", "PropertyChangeNotAllowed", disk({ name: "other" })],
    ["osDisk.managedDisk.storageAccountType", "PropertyChangeNotAllowed", disk({ managedDisk: { storageAccountType: "Premium_LRS" } })],
    ["securityProfile.securityType", "PropertyChangeNotAllowed", trusted],
    ["zones", "PropertyChangeNotAllowed", { zones: ["1"] }],
    ["the size of a disk", "ResizeDiskError", disk({ diskSizeGB: 64 })],
  ])("%s (%s)", async (property, code, parts) => {
    const machine = await project.make("virtualMachine", machineInputs(made, nic));
    const inputs = machineInputs(made, nic, parts);
    expect(project.plan("virtualMachine", machine, inputs)).toMatch(/^update /);
    const update = () => project.update("virtualMachine", machine, inputs);
    expect(await project.refusal(update)).toBe(code);
    if (code === "PropertyChangeNotAllowed") await expect(update()).rejects.toThrow(`Changing property '${property}' is not allowed.`);
  });

  test("the network interface of a machine that runs", async () => {
    const machine = await project.make("virtualMachine", machineInputs(made, nic));
    const other = await project.make("networkInterface", interfaceInputs(made));
    expect(await project.refusal(() => project.update("virtualMachine", machine, machineInputs(made, other)))).toBe("OperationNotAllowed");
  });
});

function wireLine(type: string, ...fields: readonly Buffer[]): string {
  const wire = [Buffer.from(type), ...fields].flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  return `${type} ${Buffer.concat(wire).toString("base64")}`;
}

function ed25519(): string {
  const { publicKey } = generateKeyPairSync("ed25519");
  return wireLine("ssh-ed25519", Buffer.from(String(publicKey.export({ format: "jwk" }).x), "base64url"));
}

function rsa(modulusLength: number): string {
  const { e, n } = generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ format: "jwk" });
  return wireLine("ssh-rsa", Buffer.from(String(e), "base64url"), Buffer.concat([Buffer.alloc(1), Buffer.from(String(n), "base64url")]));
}
