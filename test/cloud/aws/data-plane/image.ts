import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CertificateAuthority } from "../../machine/certificate-authority.ts";
import { SERVICE_ADDRESS } from "../../machine/cloud-adaptor.ts";
import { setFirmware } from "../../machine/firmware.ts";
import type { DeclaredInstance } from "./declared-instance.ts";

/** What Debian's image for EC2 has beyond Debian. The network is there already, and stays: the stand-in has no DHCP, a container no udev. */
const CLOUD_CONFIG = `datasource_list: [ Ec2, None ]
datasource: { Ec2: { strict_id: true, max_wait: 10, timeout: 5 } }
network: { config: disabled }
updates: { network: { when: [ boot-new-instance ] } }
ssh_deletekeys: true
disable_root: true
ssh_pwauth: false
system_info:
  default_user:
    name: admin
    lock_passwd: true
    gecos: Debian
    groups: [ adm, sudo ]
    sudo: [ "ALL=(ALL) NOPASSWD:ALL" ]
    shell: /bin/bash
`;

/** Makes Debian's root file system that of its image for EC2, and has it trust the stand-in's services. */
export function prepareImage(root: string, { id, region, machine }: DeclaredInstance, authority: CertificateAuthority): void {
  const write = (path: string, content: string) => writeFileSync(join(root, path), content);
  mkdirSync(join(root, "etc/cloud/cloud.cfg.d"), { recursive: true });
  write("etc/cloud/cloud.cfg.d/90_ec2.cfg", CLOUD_CONFIG);
  write("etc/ssh/sshd_config.d/10-image.conf", "PasswordAuthentication no\nKbdInteractiveAuthentication no\n");
  write(
    "etc/hosts",
    `127.0.0.1 localhost\n::1 localhost\n${machine.address} ${machine.hostname}\n${SERVICE_ADDRESS} ssm.${region}.amazonaws.com\n`,
  );
  authority.beTrustedBy(root);
  setFirmware(root, firmwareOf(id));
}

/** What the firmware of an instance says; its numbers begin as those of EC2 do. */
function firmwareOf(id: string): Record<string, string> {
  const digits = id.replace(/[^0-9a-f]/g, "").padEnd(20, "0");
  const uuid = `ec2${digits.slice(0, 5)}-${digits.slice(5, 9)}-4${digits.slice(9, 12)}-8${digits.slice(12, 15)}-000000000000`;
  return {
    "system-uuid": uuid,
    "system-serial-number": uuid,
    "system-manufacturer": "Amazon EC2",
    "system-product-name": "t3.micro",
    "chassis-asset-tag": "Amazon EC2",
  };
}
