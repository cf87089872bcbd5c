import type { ContainerStatus, Pod, PodCondition, PodStatus } from "../api/pod.ts";

/** What a node knows of a pod, beside what its containers are at. */
export interface PodProgress {
  readonly hostIP: string;
  readonly podIP: string | undefined;
  readonly startTime: string;
}

/** Whether an init container has done its work. */
export function hasSucceeded({ state }: ContainerStatus): boolean {
  return state.terminated?.exitCode === 0;
}

/** The status of a pod as kubelet derives it from its containers'. */
export function podStatus(
  pod: Pod,
  progress: PodProgress,
  initContainers: readonly ContainerStatus[],
  containers: readonly ContainerStatus[],
): PodStatus {
  const incomplete = initContainers.filter((status) => !hasSucceeded(status)).map(({ name }) => name);
  const initialized = incomplete.length === 0;
  const incompleteness = initialized
    ? {}
    : { reason: "ContainersNotInitialized", message: `containers with incomplete status: [${incomplete.join(" ")}]` };
  const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const ready = unready.length === 0;
  const reason = ready ? {} : { reason: "ContainersNotReady", message: `containers with unready status: [${unready.join(" ")}]` };
  const former = new Map((pod.status?.conditions ?? []).map((condition) => [condition.type, condition]));
  const condition = (type: string, is: boolean, why: Partial<PodCondition> = {}): PodCondition => {
    const status = is ? "True" : "False";
    const before = former.get(type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : undefined;
    return { type, status, ...why, lastTransitionTime: lastTransitionTime ?? timestamp(new Date()) };
  };
  return {
    phase: initialized ? phaseOf(pod, containers) : phaseBefore(pod, initContainers),
    hostIP: progress.hostIP,
    hostIPs: [{ ip: progress.hostIP }],
    ...(progress.podIP === undefined ? {} : { podIP: progress.podIP, podIPs: [{ ip: progress.podIP }] }),
    startTime: progress.startTime,
    conditions: [
      condition("PodScheduled", true),
      condition("PodReadyToStartContainers", progress.podIP !== undefined),
      condition("Initialized", initialized, incompleteness),
      condition("ContainersReady", ready, reason),
      condition("Ready", ready, reason),
    ],
    ...(initContainers.length === 0
      ? {}
      : { initContainerStatuses: initContainers.map((status) => ({ ...status, ready: hasSucceeded(status) })) }),
    containerStatuses: containers,
  };
}

/** A moment as the API writes it. */
export function timestamp(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, "Z");
}

/** As long as not every init container has done its work. */
function phaseBefore({ spec: { restartPolicy } }: Pod, initContainers: readonly ContainerStatus[]): NonNullable<PodStatus["phase"]> {
  const hasFailed = initContainers.some(({ state }) => state.terminated !== undefined && state.terminated.exitCode !== 0);
  return hasFailed && restartPolicy === "Never" ? "Failed" : "Pending";
}

function phaseOf({ spec: { restartPolicy } }: Pod, containers: readonly ContainerStatus[]): NonNullable<PodStatus["phase"]> {
  const hasRun = (status: ContainerStatus) =>
    status.state.running !== undefined || status.state.terminated !== undefined || status.lastState.terminated !== undefined;
  if (!containers.every(hasRun)) return "Pending";
  const codes = containers.map(({ state }) => state.terminated?.exitCode);
  if (codes.some((code) => code === undefined) || restartPolicy === "Always") return "Running";
  return codes.every((code) => code === 0) ? "Succeeded" : restartPolicy === "Never" ? "Failed" : "Running";
}
