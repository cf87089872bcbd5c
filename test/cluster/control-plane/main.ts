// main.ts: runs a control plane until it is told to end, for a look by hand. Prints the path of the administrator's
// kubeconfig when it is ready; the folder of that file is the control plane's.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { renderKubeconfig } from "../kubeconfig.ts";
import { ControlPlane } from "./control-plane.ts";

const controlPlane = await ControlPlane.start({ audit: true });
const kubeconfigFile = join(controlPlane.folder, "admin.kubeconfig");
writeFileSync(kubeconfigFile, renderKubeconfig(controlPlane.admin), { mode: 0o600 });
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.once(signal, () => void controlPlane.stop());
process.stdout.write(`${kubeconfigFile}\n`);
