import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { World } from "../../world/world.ts";
import type { Backend, BalancedPort } from "./private-link-path.ts";

/** What a load balancer says of one backend. */
export interface BackendHealth {
  readonly ipAddress: string;
  readonly networkInterfaceIPConfigurationId: string;
  readonly state: "Up" | "Down";
}

/** The health of one rule, as ARM's action `loadBalancingRules/health` answers. */
export interface RuleHealth {
  readonly up: number;
  readonly down: number;
  readonly loadBalancerBackendAddresses: readonly BackendHealth[];
}

/** The health of every rule, by its id. */
export type Health = Readonly<Record<string, RuleHealth>>;

/** What the probes of one rule at one backend have found: nobody is sent to a backend that has not answered yet. */
export class BackendProbe {
  #isUp = false;
  #alike = 0;
  #isFirst = true;

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Takes the answer to a probe. The very first one counts at once, every other change takes `threshold` answers alike. */
  take(hasAnswered: boolean, threshold: number): void {
    this.#alike = hasAnswered === this.#isUp ? 0 : this.#alike + 1;
    if (this.#alike >= (this.#isFirst ? 1 : threshold)) {
      this.#isUp = hasAnswered;
      this.#alike = 0;
    }
    this.#isFirst = false;
  }
}

/** The health of a rule whose backends are judged one by one; without a probe all of them are up. */
export function ruleHealth({ probe, backends }: BalancedPort, isUp: (backend: Backend) => boolean): RuleHealth {
  const states = backends.map(
    (backend): BackendHealth => ({
      ipAddress: backend.address,
      networkInterfaceIPConfigurationId: backend.ipConfigurationId,
      state: probe === undefined || isUp(backend) ? "Up" : "Down",
    }),
  );
  const up = states.filter(({ state }) => state === "Up").length;
  return { up, down: states.length - up, loadBalancerBackendAddresses: states };
}

/** Has everybody who reads a world see the health of its load balancers. */
export function writeHealth(world: World, health: Health): void {
  const staged = `${healthPath(world)}.new`;
  writeFileSync(staged, JSON.stringify(health));
  renameSync(staged, healthPath(world));
}

/** The health of a world's load balancers; of none where nothing probes. */
export function readHealth(world: World): Health {
  const path = healthPath(world);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Health) : {};
}

function healthPath(world: World): string {
  return join(world.folder, "private-link-health.json");
}
