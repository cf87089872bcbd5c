import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WorkloadKeySource, type WorkloadsSpec } from "../../../components/core/kubernetes/workloads-spec.ts";
import { PatchType } from "../../cluster/api.ts";
import type { ApiObject, Kind } from "../../cluster/api-objects.ts";
import { CONFIG_MAP, POD, ROLE, SECRET } from "../../cluster/node/api/kinds.ts";
import type { Pod } from "../../cluster/node/api/pod.ts";
import { describeWithCluster, type KubernetesSite, objectsOfBastion } from "../support/kubernetes-site.ts";
import { waitUntil } from "../support/wait.ts";
import { permissionsOf } from "../support/workload-permissions.ts";
import { WORKLOAD_HTTP, WorkloadPod } from "../support/workload-pod.ts";
import { WorkloadScene } from "../support/workload-scene.ts";

const NAMESPACES = ["team-a", "team-b"];
/** Of the pod that has keys in every place that there is. */
const NAMESPACE = "team-a";
const ANNOTATIONS = { annotation: "reverse-bastion/authorized-keys", secret: "example.com/secret", "config-map": "example.com/config-map" };
/** Name of the Secret and of the ConfigMap. */
const KEYS = "lab-keys";
const DATA_KEY = "ssh";

/** A key source, with the settings that go with it and the rights that it needs in each namespace. */
interface Source {
  readonly source: WorkloadKeySource;
  readonly settings: WorkloadsSpec;
  readonly needs: readonly string[];
}

const SOURCES: readonly Source[] = [
  { source: "annotation", settings: {}, needs: ["pods list"] },
  { source: "config-map", settings: { annotation: ANNOTATIONS["config-map"], dataKey: DATA_KEY }, needs: ["configmaps get", "pods list"] },
  { source: "http", settings: { httpPort: WORKLOAD_HTTP.port, httpPath: WORKLOAD_HTTP.path }, needs: ["pods list"] },
  { source: "secret", settings: { annotation: ANNOTATIONS.secret, dataKey: DATA_KEY }, needs: ["pods list", "secrets get"] },
];

interface Role extends ApiObject {
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

describeWithCluster("where a jump host finds its users' keys, and the rights that it needs for that", () => {
  let scene: WorkloadScene;
  let site: KubernetesSite;
  let lab: WorkloadPod;
  /** Public keys by the names of their sources, which are those of their files. */
  let keys: Readonly<Record<WorkloadKeySource, string>>;

  beforeAll(async () => {
    scene = await WorkloadScene.set({ namespaces: NAMESPACES }, { tunnels: [], clients: [] });
    site = scene.site;
    await site.makeNamespace("elsewhere");
    keys = Object.fromEntries(SOURCES.map(({ source }) => [source, scene.makeKey(source)])) as typeof keys;
    const metadata = { namespace: NAMESPACE, name: KEYS };
    await site.api.create({ ...SECRET, metadata, stringData: { [DATA_KEY]: keys.secret } });
    await site.api.create({ ...CONFIG_MAP, metadata, data: { [DATA_KEY]: keys["config-map"] } });
    const annotations = {
      [ANNOTATIONS.annotation]: keys.annotation,
      [ANNOTATIONS.secret]: KEYS,
      [ANNOTATIONS["config-map"]]: KEYS,
    };
    lab = await WorkloadPod.start(site, { namespace: NAMESPACE, name: "lab", annotations, authorizedKeys: [], servedKeys: [keys.http] });
  }, 300_000);

  afterAll(async () => scene?.remove());

  /** Puts keys where a source has them. */
  async function publish(source: WorkloadKeySource, lines: readonly string[]): Promise<void> {
    const text = lines.join("\n");
    const merge = (kind: Kind, name: string, change: object) =>
      site.api.patch(kind, { namespace: NAMESPACE, name }, change, PatchType.MERGE);
    switch (source) {
      case WorkloadKeySource.Annotation:
        await merge(POD, lab.name, { metadata: { annotations: { [ANNOTATIONS.annotation]: text } } });
        break;
      case WorkloadKeySource.Secret:
        await merge(SECRET, KEYS, { stringData: { [DATA_KEY]: text } });
        break;
      case WorkloadKeySource.ConfigMap:
        await merge(CONFIG_MAP, KEYS, { data: { [DATA_KEY]: text } });
        break;
      case WorkloadKeySource.Http:
        await lab.serve(site, lines);
    }
  }

  async function roleIn(namespace: string): Promise<Role> {
    const { items } = await site.api.list<Role>(ROLE, { namespace });
    const [role] = items;
    if (role === undefined || items.length > 1) throw new Error(`expected one role, found ${items.length}`);
    return role;
  }

  /** Changes what a role allows, and leaves no trace of who did it: the next `up` would find a change of somebody else's. */
  async function putRules({ metadata: { namespace = "", name = "", managedFields } }: Role, rules: Role["rules"]): Promise<void> {
    for (const change of [{ rules }, { metadata: { managedFields } }])
      await site.api.patch(ROLE, { namespace, name }, change, PatchType.MERGE);
  }

  async function refresh(): Promise<{ readonly exitCode: number; readonly said: string }> {
    const { exitCode, stdout, stderr } = await scene.refresh();
    return { exitCode, said: `${stdout}${stderr}` };
  }

  describe.each(SOURCES)("$source", ({ source, settings, needs }) => {
    beforeAll(() => scene.up({ namespaces: NAMESPACES, keySource: source, ...settings }), 300_000);

    test("keys that are there are let in, and those of other sources are not", async () => {
      const met = await Promise.all(SOURCES.map(async ({ source }) => [source, await scene.reach(source, lab.host)]));
      expect(met).toEqual(SOURCES.map((other) => [other.source, other.source === source ? "reached" : "denied"]));
    });

    test("each right is needed: without it nobody new is let in, and a refresh says so", async () => {
      const role = await roleIn(NAMESPACE);
      const rights = role.rules.flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => [resource, verb])));
      expect(rights.map((right) => right.join(" ")).sort()).toEqual(needs);
      for (const [resource = "", verb = ""] of rights) {
        const right = `${verb} ${resource}`;
        const newcomer = `${source}-${resource}-${verb}`;
        await putRules(
          role,
          role.rules
            .map((rule) => (rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((other) => other !== verb) } : rule))
            .filter(({ verbs }) => verbs.length > 0),
        );
        await publish(source, [scene.makeKey(newcomer), keys[source]]);
        await waitUntil(`a refresh to fail without the right to ${right}`, async () => {
          const { exitCode, said } = await refresh();
          return exitCode === 1 && said.includes(`cannot ${verb} resource "${resource}"`);
        });
        expect(await scene.reach(newcomer, lab.host), right).toBe("denied");
        expect(await scene.reach(source, lab.host), right).toBe("reached");
        await putRules(role, role.rules);
        await waitUntil("a refresh without a complaint", async () => {
          const { exitCode, said } = await refresh();
          return exitCode === 0 && !said.includes("forbidden");
        });
        expect(await scene.reach(newcomer, lab.host), right).toBe("reached");
      }
    });
  });

  // With the last of the sources, which needs most; what the roles of the others have, they have been seen to need.
  test("the bastion may do what it needs in these namespaces, and nothing else anywhere", async () => {
    const account = { namespace: site.namespace, name: (await site.pod()).spec.serviceAccountName ?? "" };
    const expected = NAMESPACES.flatMap((namespace) => [`${namespace} pods list`, `${namespace} secrets get`]);
    expect(await permissionsOf(site.api, account, [site.namespace, ...NAMESPACES, "elsewhere"])).toEqual(expected);
  });

  test("destroy leaves nothing in any of the namespaces, and the workloads as they are", async () => {
    await scene.scene.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
    const left = await Promise.all([site.namespace, ...NAMESPACES].map((namespace) => objectsOfBastion(site.api, namespace)));
    expect(left.flat()).toEqual([]);
    expect((await site.api.get<Pod>(POD, { namespace: NAMESPACE, name: lab.name })).status?.phase).toBe("Running");
  });
});
