import type { ApiObject, WatchEvent } from "../../../cluster/api-objects.ts";
import { at } from "../object/plain.ts";
import { type Condition, conditionOf, POD, type Readiness } from "./readiness.ts";

/** A pod is ready when it is scheduled, initialised and its probes say so, or when it has done its work. */
export class PodReadiness implements Readiness {
  readonly watched = [POD];
  object: ApiObject;

  constructor(object: ApiObject) {
    this.object = object;
  }

  observe({ object }: WatchEvent): void {
    if (object.metadata.name === this.object.metadata.name) this.object = object;
  }

  get isReady(): boolean {
    const isTrue = (type: string) => conditionOf(this.object, type)?.status === "True";
    return isTrue("PodScheduled") && isTrue("Initialized") && (isTrue("Ready") || hasSucceeded(this.object));
  }

  get isReadyAtLast(): boolean {
    return this.isReady;
  }

  get complaints(): string[] {
    return podComplaints(this.object);
  }
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly reason?: string; readonly message?: string; readonly exitCode: number; readonly finishedAt?: string };
}

/** What keeps a pod from being ready, as far as its status tells. */
export function podComplaints(pod: ApiObject): string[] {
  const blocking = (["Initialized", "Ready"] as const).flatMap((type) => {
    const condition = conditionOf(pod, type);
    if (condition === undefined || condition.status === "True" || hasSucceeded(pod)) return [];
    const ofContainers = containerComplaints(pod);
    if (ofContainers.length === 0 && !condition.message) return [];
    return [`[Pod ${fullName(pod)}]: ${messageOf(condition)}${ofContainers.join("\n")}`];
  });
  return blocking.slice(0, 1);
}

function containerComplaints(pod: ApiObject): string[] {
  const statuses = (at(pod, "status", "containerStatuses") ?? []) as readonly ContainerStatus[];
  return statuses.filter(({ ready }) => ready !== true).flatMap(complaintsOf);
}

function complaintsOf({ name, state = {}, lastState = {} }: ContainerStatus): string[] {
  const { waiting, terminated } = state;
  const last = lastState.terminated;
  return [
    ...(waiting === undefined || waiting.reason === "ContainerCreating" ? [] : [`[${waiting.reason}] ${waiting.message ?? ""}`]),
    ...(terminated?.reason
      ? [
          terminated.message
            ? `[${terminated.reason}] ${terminated.message}`
            : `container "${name}" completed with exit code ${terminated.exitCode}`,
        ]
      : []),
    ...(last === undefined ? [] : [`container "${name}" terminated at ${last.finishedAt} (${last.reason}: exit code ${last.exitCode})`]),
    ...(last?.message ? [last.message] : []),
  ];
}

function messageOf({ reason, message }: Condition): string {
  return reason && message ? message : "";
}

function hasSucceeded(pod: ApiObject): boolean {
  return at(pod, "status", "phase") === "Succeeded";
}

function fullName({ metadata: { namespace = "default", name } }: ApiObject): string {
  return namespace === "default" ? `${name}` : `${namespace}/${name}`;
}
