import { type Problem, problemsAt, quoteForMessage } from "../problem.ts";
import { asProblems, each } from "../problem-list.ts";

/** What Pod Security looks at in a container. */
export interface ContainerSecurity {
  readonly securityContext?:
    | {
        readonly privileged?: boolean | undefined;
        readonly allowPrivilegeEscalation?: boolean | undefined;
        readonly capabilities?: { readonly add?: readonly string[] | undefined; readonly drop?: readonly string[] | undefined } | undefined;
        readonly procMount?: string | undefined;
        readonly runAsNonRoot?: boolean | undefined;
        readonly runAsUser?: number | undefined;
        readonly seccompProfile?: { readonly type?: string | undefined } | undefined;
      }
    | undefined;
  readonly ports?: readonly { readonly hostPort?: number | undefined }[] | undefined;
}

/** What Pod Security looks at in a pod. */
export interface PodSecurity {
  readonly hostNetwork?: boolean | undefined;
  readonly hostPID?: boolean | undefined;
  readonly hostIPC?: boolean | undefined;
  readonly securityContext?:
    | Pick<NonNullable<ContainerSecurity["securityContext"]>, "runAsNonRoot" | "runAsUser" | "seccompProfile">
    | undefined;
  readonly containers?: readonly ContainerSecurity[] | undefined;
  readonly initContainers?: readonly ContainerSecurity[] | undefined;
  /** Of each, the kinds of volume that it names. */
  readonly volumes?: readonly (readonly string[])[] | undefined;
}

const VOLUMES: ReadonlySet<string> = new Set([
  "name",
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);
const SECCOMP: ReadonlySet<string | undefined> = new Set(["RuntimeDefault", "Localhost"]);

/**
 * Everything by which a pod falls behind the *restricted* Pod Security Standard, but for SELinux, AppArmor and sysctls, which are
 * left to the API server (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
 */
export function checkPodSecurity(pod: PodSecurity): Problem[] {
  return [
    ...(["hostNetwork", "hostPID", "hostIPC"] as const).flatMap((path) =>
      asProblems(path, pod[path] === true ? "is true, and a bastion's pod has nothing in common with its node; leave it out" : undefined),
    ),
    ...asProblems("securityContext.runAsUser", checkUser(pod.securityContext?.runAsUser)),
    ...each("containers", pod.containers, (container) => checkContainer(container, pod)),
    ...each("initContainers", pod.initContainers, (container) => checkContainer(container, pod)),
    ...each("volumes", pod.volumes, (kinds) =>
      kinds
        .filter((kind) => !VOLUMES.has(kind))
        .map((kind) => ({ path: kind, reason: "is a way to the node; take another kind of volume" })),
    ),
  ];
}

function checkContainer({ securityContext = {}, ports }: ContainerSecurity, { securityContext: pod = {} }: PodSecurity): Problem[] {
  const { privileged, allowPrivilegeEscalation, capabilities, procMount, runAsUser } = securityContext;
  const { runAsNonRoot = pod.runAsNonRoot, seccompProfile = pod.seccompProfile } = securityContext;
  const added = (capabilities?.add ?? []).filter((name) => name !== "NET_BIND_SERVICE");
  return [
    ...problemsAt("securityContext", [
      ...asProblems("privileged", privileged === true ? "is true, which is all rights on the node; leave it out" : undefined),
      ...asProblems("allowPrivilegeEscalation", allowPrivilegeEscalation === false ? undefined : "must be false"),
      ...asProblems("capabilities.drop", capabilities?.drop?.includes("ALL") === true ? undefined : 'must have "ALL"'),
      ...asProblems(
        "capabilities.add",
        added.length > 0 ? `has ${added.map(quoteForMessage).join(", ")}; a bastion needs none` : undefined,
      ),
      ...asProblems("procMount", procMount === undefined || procMount === "Default" ? undefined : "must be left out"),
      ...asProblems("runAsNonRoot", runAsNonRoot === true ? undefined : "must be true, here or in the pod's"),
      ...asProblems("runAsUser", checkUser(runAsUser)),
      ...asProblems("seccompProfile.type", SECCOMP.has(seccompProfile?.type) ? undefined : "must be RuntimeDefault, here or in the pod's"),
    ]),
    ...each("ports", ports, ({ hostPort = 0 }) =>
      asProblems("hostPort", hostPort === 0 ? undefined : "is a port of the node; the setting exposure has the ways in"),
    ),
  ];
}

function checkUser(id: number | undefined): string | undefined {
  return id === 0 ? "is 0, which is root; leave it as it is" : undefined;
}
