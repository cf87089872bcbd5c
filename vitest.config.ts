import { defineConfig } from "vitest/config";

/** `fast` needs nothing but the packages; `e2e` deploys with the real engine and uses real OpenSSH. */
export default defineConfig({
  test: {
    // What is printed must not depend on how the tests were started.
    env: { BASTION_COMMAND: "bastion", BASTION_PULUMI_COMMAND: "pulumi" },
    projects: [
      { test: { name: "fast", include: ["test/**/*.test.ts"], exclude: ["test/e2e/**"], testTimeout: 60_000 } },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], testTimeout: 600_000, hookTimeout: 600_000, maxWorkers: 2 } },
    ],
  },
});
