import { expect, test } from "vitest";
import type { Container, Pod, PodSecurityContext } from "../api/pod.ts";
import type { VolumeContents } from "../volumes/volume-files.ts";
import { planContainer } from "./container-plan.ts";
import type { NodeImage } from "./image.ts";

const IMAGE: NodeImage = { reference: "image", root: "/image", entrypoint: ["start"], command: ["--all"], user: "10001:10002" };
const NOTHING: VolumeContents = { configMap: () => undefined, secret: () => undefined, field: (path) => `field ${path}`, token: () => "" };

function plan(container: Partial<Container>, securityContext: PodSecurityContext = {}, image: NodeImage = IMAGE) {
  const whole: Container = { name: "main", image: "image", ...container };
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: "n", name: "p", uid: "u" },
    spec: { restartPolicy: "Always", terminationGracePeriodSeconds: 30, containers: [whole], securityContext },
  };
  return planContainer(pod, whole, image, NOTHING, { network: "/net", hostname: "p", apiServer: "10.96.0.1", mounts: [] });
}

test("a command replaces all that the image runs, and arguments replace the image's", () => {
  expect(plan({}).command).toEqual(["start", "--all"]);
  expect(plan({ args: ["--one"] }).command).toEqual(["start", "--one"]);
  expect(plan({ command: ["other"] }).command).toEqual(["other"]);
  expect(() => plan({}, {}, { reference: "image", root: "/image" })).toThrow("no command specified");
});

test("variables stand for their values in variables and commands", () => {
  const env = [
    { name: "A", value: "one" },
    { name: "B", value: "$(A) and $(MISSING) and $$(A)" },
    { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
  ];
  const { environment, command } = plan({ env, args: ["$(B)"] });
  expect(environment).toMatchObject({ A: "one", B: "one and $(MISSING) and $(A)", POD: "field metadata.name", HOSTNAME: "p" });
  expect(environment).toMatchObject({ KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" });
  expect(command).toEqual(["start", "one and $(MISSING) and $(A)"]);
});

test("rights are the image's, then the pod's, then the container's", () => {
  expect(plan({}).rights).toMatchObject({ uid: 10001, gid: 10002, groups: [10002], noNewPrivileges: false, seccomp: false });
  const ofPod: PodSecurityContext = {
    runAsUser: 1,
    runAsGroup: 2,
    fsGroup: 3,
    supplementalGroups: [4],
    seccompProfile: { type: "RuntimeDefault" },
  };
  const securityContext = { runAsUser: 5, allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"], add: ["CAP_NET_BIND_SERVICE"] } };
  expect(plan({ securityContext }, ofPod).rights).toEqual({
    uid: 5,
    gid: 2,
    groups: [2, 3, 4],
    capabilities: ["NET_BIND_SERVICE"],
    noNewPrivileges: true,
    seccomp: true,
  });
});

test("who must not be root is not", () => {
  expect(() => plan({}, { runAsNonRoot: true }, { ...IMAGE, user: "0" })).toThrow(
    'container has runAsNonRoot and image will run as root (pod: "p_n(u)", container: main)',
  );
  expect(() => plan({}, { runAsNonRoot: true, runAsUser: 0 })).toThrow("container's runAsUser breaks non-root policy");
});
