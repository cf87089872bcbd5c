import * as kubernetes from "@pulumi/kubernetes";
import { KubernetesBastion } from "../components/kubernetes/kubernetes-bastion.ts";
import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";
import { bastionSpecOf, sameBastion } from "./bastion-of.ts";
import type { CustomerFile } from "./customer-file.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** What the stack of a bastion with workload pods exports beside what every stack does. */
export type WorkloadOutputs = Pick<KubernetesBastion, "jumpHost" | "refreshCommand">;

/** Deploys a customer's bastion in a cluster. */
export function deploy(file: CustomerFile): BastionOutputs & Partial<WorkloadOutputs> {
  if (file.kubernetes === undefined) throw new TypeError("a file for the target kubernetes has settings for it");
  const { context, ...placement } = file.kubernetes;
  // Changed keys are then an update of their ConfigMap or Secret, which is there all the time.
  const provider = new kubernetes.Provider("kubernetes", {
    enableConfigMapMutable: true,
    enableSecretMutable: true,
    ...(context === undefined ? {} : { context }),
  });
  const bastion = new KubernetesBastion(file.customer, { ...bastionSpecOf(file), ...placement }, { ...sameBastion(file), provider });
  const { jumpHost, refreshCommand } = bastion;
  return { ...stackOutputs(bastion), ...(placement.workloads === undefined ? {} : { jumpHost, refreshCommand }) };
}
