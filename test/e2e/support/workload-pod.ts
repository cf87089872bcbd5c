import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PatchType } from "../../cluster/api.ts";
import { CONFIG_MAP, POD, SECRET } from "../../cluster/node/api/kinds.ts";
import type { Pod } from "../../cluster/node/api/pod.ts";
import { makeKey } from "../../support/openssh.ts";
import { IMAGE, type KubernetesSite } from "./kubernetes-site.ts";
import { waitUntil } from "./wait.ts";

/** Who logs in to a workload's pod. */
export const WORKLOAD_USER = "dev";
export const WORKLOAD_SSH_PORT = 2222;
/** Where a workload's keys are to be had by HTTP, if it serves them. */
export const WORKLOAD_HTTP = { port: 8080, path: "/served_keys" } as const;
/** What makes a pod one that has SSH enabled. */
export const SSH_ENABLED = { "reverse-bastion/ssh": "enabled" };

const USER_ID = 20000;
const FOLDER = "/workload";
const SSHD_CONFIG = `Port ${WORKLOAD_SSH_PORT}
HostKey ${FOLDER}/host-key/key
AuthorizedKeysFile ${FOLDER}/files/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
PidFile none
`;
const PASSWD = `${WORKLOAD_USER}:*:${USER_ID}:${USER_ID}::/tmp:/bin/sh\n`;

export interface WorkloadOptions {
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whom its own sshd lets in: lines of public keys. */
  readonly authorizedKeys: readonly string[];
  /** What it answers by HTTP; nothing listens there without it. */
  readonly servedKeys?: readonly string[];
}

/** A pod that people work in: an sshd without root. It has the bastion's image, for want of another, and nothing else of it. */
export class WorkloadPod {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  /** Line of its host key. */
  readonly hostKey: string;

  private constructor(namespace: string, name: string, address: string, hostKey: string) {
    this.namespace = namespace;
    this.name = name;
    this.address = address;
    this.hostKey = hostKey;
  }

  /** Starts one, and waits until it serves. */
  static async start(site: KubernetesSite, options: WorkloadOptions): Promise<WorkloadPod> {
    const { namespace, name, labels = SSH_ENABLED, annotations = {}, authorizedKeys, servedKeys } = options;
    const { privateKey, publicKey } = makeHostKey();
    const metadata = { namespace, name: `${name}-workload` };
    await site.api.create({ ...SECRET, metadata, stringData: { key: privateKey } });
    const data = { passwd: PASSWD, sshd_config: SSHD_CONFIG, authorized_keys: lines(authorizedKeys), served_keys: lines(servedKeys ?? []) };
    await site.api.create({ ...CONFIG_MAP, metadata, data });
    const volumeMounts = [
      { name: "files", mountPath: `${FOLDER}/files`, readOnly: true },
      { name: "files", mountPath: "/etc/passwd", subPath: "passwd", readOnly: true },
      { name: "host-key", mountPath: `${FOLDER}/host-key`, readOnly: true },
    ];
    const container = (name: string, port: number, command: readonly string[]) => ({
      name,
      image: IMAGE,
      command,
      volumeMounts,
      readinessProbe: { tcpSocket: { port }, timeoutSeconds: 10, periodSeconds: 1 },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    });
    const http = ["/usr/bin/python3", "-m", "http.server", "--directory", `${FOLDER}/files`, `${WORKLOAD_HTTP.port}`];
    await site.api.create({
      ...POD,
      metadata: { namespace, name, labels, annotations },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER_ID,
          runAsGroup: USER_ID,
          fsGroup: USER_ID,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
          container("sshd", WORKLOAD_SSH_PORT, ["/usr/sbin/sshd", "-D", "-e", "-f", `${FOLDER}/files/sshd_config`]),
          ...(servedKeys === undefined ? [] : [container("http", WORKLOAD_HTTP.port, http)]),
        ],
        volumes: [
          { name: "files", configMap: { name: metadata.name } },
          { name: "host-key", secret: { secretName: metadata.name, defaultMode: 0o440 } },
        ],
      },
    });
    const { status } = await waitUntil(`the workload ${name} to serve`, async () => {
      const pod = await site.api.get<Pod>(POD, { namespace, name });
      return pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ? pod : undefined;
    });
    return new WorkloadPod(namespace, name, status?.podIP ?? "", publicKey);
  }

  /** As users of the bastion name it. */
  get host(): string {
    return `${this.name}.${this.namespace}`;
  }

  /** Lines of `known_hosts`, for its name and its address. */
  get knownHosts(): string {
    return [this.host, this.address].map((host) => `[${host}]:${WORKLOAD_SSH_PORT} ${this.hostKey}\n`).join("");
  }

  /** Changes what it answers by HTTP. */
  async serve(site: KubernetesSite, keys: readonly string[]): Promise<void> {
    const { namespace, name } = this;
    const expected = lines(keys);
    const change = { data: { served_keys: expected } };
    await site.api.patch(CONFIG_MAP, { namespace, name: `${name}-workload` }, change, PatchType.MERGE);
    await waitUntil("the workload to have its keys", async () => {
      const { stdout } = await site.node.run({ namespace, pod: name }, ["cat", `${FOLDER}/files/served_keys`]);
      return stdout === expected;
    });
  }
}

function lines(keys: readonly string[]): string {
  return keys.map((line) => `${line}\n`).join("");
}

function makeHostKey(): { readonly privateKey: string; readonly publicKey: string } {
  const folder = mkdtempSync(join(tmpdir(), "workload-"));
  try {
    return makeKey(folder, "ed25519");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
