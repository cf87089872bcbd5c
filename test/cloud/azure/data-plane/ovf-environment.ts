import { object, text } from "../../world/records.ts";
import type { DeclaredMachine } from "./declared-machine.ts";

/** `ovf-env.xml` of the medium that a machine is provisioned with: its one source of custom data. */
export function ovfEnvironment({ record, machine, admin }: DeclaredMachine): string {
  const linux = object(object(record, "osProfile"), "linuxConfiguration");
  const customData = text(object(record, "osProfile"), "customData");
  const keys = admin.publicKeys.map(
    ({ path, keyData }) => `<PublicKey><Fingerprint/><Path>${escapeXml(path)}</Path><Value>${escapeXml(keyData)}</Value></PublicKey>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:wa="http://schemas.microsoft.com/windowsazure">
  <wa:ProvisioningSection>
    <wa:Version>1.0</wa:Version>
    <LinuxProvisioningConfigurationSet xmlns="http://schemas.microsoft.com/windowsazure">
      <ConfigurationSetType>LinuxProvisioningConfiguration</ConfigurationSetType>
      <UserName>${escapeXml(admin.name)}</UserName>
      <DisableSshPasswordAuthentication>${linux?.disablePasswordAuthentication === true}</DisableSshPasswordAuthentication>
      <HostName>${escapeXml(machine.hostname)}</HostName>
      ${customData === undefined ? "" : `<CustomData>${escapeXml(customData)}</CustomData>`}
      <SSH><PublicKeys>${keys.join("")}</PublicKeys></SSH>
    </LinuxProvisioningConfigurationSet>
  </wa:ProvisioningSection>
  <wa:PlatformSettingsSection>
    <wa:Version>1.0</wa:Version>
    <PlatformSettings xmlns="http://schemas.microsoft.com/windowsazure">
      <KmsServerHostname>azkms.core.windows.net</KmsServerHostname>
      <ProvisionGuestAgent>${linux?.provisionVMAgent !== false}</ProvisionGuestAgent>
      <PreprovisionedVm>false</PreprovisionedVm>
    </PlatformSettings>
  </wa:PlatformSettingsSection>
</Environment>
`;
}

function escapeXml(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
