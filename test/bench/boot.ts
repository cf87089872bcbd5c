import type { Benchmark, Figures } from "./benchmark.ts";
import { dialUntil } from "./support/dial.ts";
import { prepareMachines, type TestMachine, whyNoMachines } from "./support/machines.ts";

const GOAL_SECONDS = 10;

/** How long a customer's client is kept waiting by a machine that is new. */
export const boot: Benchmark = {
  name: "boot",
  about: "a new machine on the stand-in AWS: start to the first accepted login against plain Debian's start to its sshd's banner",
  comparisons: [{ metric: "time", unit: "s", subject: "bastion", baseline: "plain Debian", goal: { subjectAtMost: GOAL_SECONDS } }],
  skipReason: whyNoMachines(),

  note: () => "machines are containers here, and real ones start a kernel before, which is in neither figure",

  async prepare(site) {
    const { cloud, customer, bastion, plain } = await prepareMachines(site);

    /** The machine is new each time: with the disk of the image, not yet configured. */
    async function measureBoot({ instance, command }: TestMachine, says: RegExp): Promise<Figures> {
      const start = performance.now();
      await cloud.boot(instance);
      const end = await dialUntil(site, customer, command, says).catch((error: Error) => {
        throw new Error(`${error.message}\n${cloud.console(instance).slice(-4000)}`);
      });
      await cloud.terminate(instance);
      return { time: (end - start) / 1000 };
    }

    return {
      bastion: () => measureBoot(bastion, /^Authenticated to /),
      "plain Debian": () => measureBoot(plain, /Remote protocol version/),
    };
  },
};
