import type { ApiClient } from "../../cluster/api.ts";

/** What else roles are known to allow; the API does not list these with its resources. */
const SPECIAL: readonly AskedResource[] = [
  ...["serviceaccounts", "users", "groups"].map((name) => ({ group: "", name, verbs: ["impersonate"] })),
  ...["roles", "clusterroles"].map((name) => ({ group: "rbac.authorization.k8s.io", name, verbs: ["bind", "escalate"] })),
  { group: "*", name: "*", verbs: ["*"] },
];
/** So many questions are under way at once. */
const AT_ONCE = 32;

/** A resource, perhaps with a subresource, and what can be done with it. */
interface AskedResource {
  readonly group: string;
  readonly name: string;
  readonly verbs: readonly string[];
}

interface Question {
  /** Empty for the whole cluster. */
  readonly namespace: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string | undefined;
  readonly verb: string;
}

/** A service account. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/**
 * All that a service account may do, as `NAMESPACE RESOURCE VERB`, without what everybody may: every verb for every resource
 * that the server has is asked for, in each of these namespaces and in the whole cluster.
 */
export async function permissionsOf(api: ApiClient, account: Account, namespaces: readonly string[]): Promise<string[]> {
  const resources = [...(await resourcesOf(api)), ...SPECIAL];
  const questions = [...namespaces, ""].flatMap((namespace) =>
    resources.flatMap(({ group, name, verbs }) => {
      const [resource = "", subresource] = name.split("/");
      return verbs.map((verb) => ({ namespace, group, resource, subresource, verb }));
    }),
  );
  const allowed = await filter(questions, (question) => isAllowed(api, account, question));
  // An account that nothing is bound to, and that is not even there.
  const nobody = { ...account, name: "nobody-in-particular" };
  const own = await filter(allowed, async (question) => !(await isAllowed(api, nobody, question)));
  return own.map(render).sort();
}

async function resourcesOf(api: ApiClient): Promise<AskedResource[]> {
  const ask = <T>(path: string) => api.request<T>({ method: "GET", path });
  const { groups } = await ask<{
    readonly groups: readonly { readonly name: string; readonly versions: readonly { readonly groupVersion: string }[] }[];
  }>("/apis");
  const places = [
    { group: "", path: "/api/v1" },
    ...groups.flatMap(({ name, versions }) => versions.map(({ groupVersion }) => ({ group: name, path: `/apis/${groupVersion}` }))),
  ];
  const found = new Map<string, AskedResource>();
  for (const { group, path } of places)
    for (const { name, verbs } of (await ask<{ readonly resources: readonly Omit<AskedResource, "group">[] }>(path)).resources)
      found.set(`${group}/${name}`, { group, name, verbs });
  return [...found.values()];
}

async function isAllowed(api: ApiClient, { namespace: home, name }: Account, question: Question): Promise<boolean> {
  const { status } = await api.request<{ readonly status: { readonly allowed: boolean } }>({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: {
        user: `system:serviceaccount:${home}:${name}`,
        groups: ["system:serviceaccounts", `system:serviceaccounts:${home}`, "system:authenticated"],
        resourceAttributes: question,
      },
    },
  });
  return status.allowed;
}

async function filter<T>(items: readonly T[], condition: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept: T[] = [];
  const rest = items.values();
  const work = async () => {
    for (const item of rest) if (await condition(item)) kept.push(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return kept;
}

function render({ namespace, group, resource, subresource, verb }: Question): string {
  const path = [[resource, subresource].filter(Boolean).join("/"), group].filter(Boolean).join(".");
  return [namespace || "cluster", path, verb].join(" ");
}
