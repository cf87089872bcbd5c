import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DMI_MODULE = "usr/lib/python3/dist-packages/cloudinit/dmi.py";

/**
 * A machine knows by its firmware on which cloud it is. A container has none to ask, and cloud-init does not ask in one:
 * so what the firmware would say is put into cloud-init's own reader of it.
 */
export function setFirmware(root: string, says: Readonly<Record<string, string>>): void {
  const path = join(root, DMI_MODULE);
  const module = readFileSync(path, "utf8");
  writeFileSync(path, `${module}\n\ndef read_dmi_data(key):\n    return ${JSON.stringify(says)}.get(key)\n`);
}
