import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseCidr } from "../../../../components/core/cidr.ts";
import type { CertificateAuthority } from "../../machine/certificate-authority.ts";
import { METADATA_ADDRESS, SERVICE_ADDRESS } from "../../machine/cloud-adaptor.ts";
import { setFirmware } from "../../machine/firmware.ts";
import { renderAddress } from "../../world/cidr-blocks.ts";
import { PLATFORM_ADDRESS } from "./address-prefixes.ts";
import type { DeclaredMachine } from "./declared-machine.ts";
import { ovfEnvironment } from "./ovf-environment.ts";

/** What Debian's image for Azure has beyond Debian. The network is there already, and stays: the stand-in has no DHCP, a container no udev. */
const CLOUD_CONFIG = `datasource_list: [ Azure, None ]
network: { config: disabled }
ssh_deletekeys: true
disable_root: true
`;

/** By this every machine on Azure knows where it is. */
const CHASSIS_TAG = "7783-7084-3265-9085-8269-3286-77";

const DHCP_CLIENT = join(import.meta.dirname, "guest/dhclient");
const EPHEMERAL_NETWORK = "usr/lib/python3/dist-packages/cloudinit/net/ephemeral.py";

/** Makes Debian's root file system that of its image for Azure, puts the medium in that provisions it, and has it trust the stand-in's services. */
export function prepareImage(
  root: string,
  declared: DeclaredMachine,
  vaultHosts: readonly string[],
  authority: CertificateAuthority,
): void {
  const { id, machine } = declared;
  const write = (path: string, content: string, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
  };
  write("etc/cloud/cloud.cfg.d/90_azure.cfg", CLOUD_CONFIG);
  write("etc/ssh/sshd_config.d/10-image.conf", "PasswordAuthentication no\nClientAliveInterval 120\n");
  write(
    "etc/hosts",
    `127.0.0.1 localhost\n::1 localhost\n${machine.address} ${machine.hostname}\n${vaultHosts.map((host) => `${SERVICE_ADDRESS} ${host}\n`).join("")}`,
  );
  // On Azure this is on a disc, which a container cannot mount.
  write("var/lib/cloud/seed/azure/ovf-env.xml", ovfEnvironment(declared), 0o600);
  write("usr/sbin/dhclient", readFileSync(DHCP_CLIENT, "utf8"), 0o755);
  write("var/lib/dhcp/offered.lease", lease(declared));
  setFirmware(root, {
    "system-uuid": id,
    "system-manufacturer": "Microsoft Corporation",
    "system-product-name": "Virtual Machine",
    "chassis-asset-tag": CHASSIS_TAG,
  });
  forgiveKernelItsWords(root);
  authority.beTrustedBy(root);
}

/** What Azure's DHCP server offers; the default route is there already. */
function lease({ machine: { interfaceName, address, prefixLength, router } }: DeclaredMachine): string {
  const mask = renderAddress(4, (1n << 32n) - (1n << BigInt(32 - prefixLength)));
  const routes = [PLATFORM_ADDRESS, METADATA_ADDRESS].flatMap((to) => ["32", ...to.split("."), ...router.split(".")]);
  const platform = parseCidr(`${PLATFORM_ADDRESS}/32`)
    .address.toString(16)
    .replace(/..(?=.)/g, "$&:");
  return `lease {
  interface "${interfaceName}";
  fixed-address ${address};
  option subnet-mask ${mask};
  option routers ${router};
  option dhcp-lease-time 4294967295;
  option unknown-245 ${platform};
  option rfc3442-classless-static-routes ${routes.join(",")};
}
`;
}

/** That the address is there already is no error to Debian 12's cloud-init, but in the words of Debian 12's kernel only. */
function forgiveKernelItsWords(root: string): void {
  const path = join(root, EPHEMERAL_NETWORK);
  const known = 'if "File exists" not in str(e.stderr):';
  const better = 'if not any(said in str(e.stderr) for said in ("File exists", "already assigned")):';
  writeFileSync(path, readFileSync(path, "utf8").replaceAll(known, better));
}
