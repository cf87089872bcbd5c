import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApiClient } from "../api.ts";
import type { ApiConnection } from "../api-transport.ts";
import { renderKubeconfig } from "../kubeconfig.ts";
import { AUDIT_POLICY, type AuditEvent, readAuditLog } from "./audit-log.ts";
import { ClusterAuthority } from "./cluster-authority.ts";
import { apiServerFlags, type ControlPlanePlaces, controllerManagerFlags, etcdFlags } from "./flags.ts";
import { findFreePort } from "./port.ts";
import { ProgramGroup } from "./program-group.ts";
import { programsFolder } from "./programs.ts";

/** Generous: it takes 3 s on a machine that has nothing else to do. */
const READY_LIMIT_SECONDS = 120;
/** How often the API server may find that its port has been taken meanwhile. */
const PORT_ATTEMPTS = 5;
const PORT_IS_TAKEN = /address already in use/;
const AUDIT_LOG = "audit.log";
const SERVICE_ACCOUNT = { apiVersion: "v1", kind: "ServiceAccount" };

/** What a test may want of its cluster. */
export interface ControlPlaneOptions {
  /** Where Services get their addresses from. */
  readonly serviceCidr?: string;
  /** Records every request, for `auditLog`. */
  readonly audit?: boolean;
}

/**
 * A real control plane of a cluster without nodes: etcd, the API server with RBAC and Pod Security admission, and the
 * controller manager. It is on loopback and in a temporary folder, and ends with the process that started it.
 */
export class ControlPlane {
  /** In the name of a user who may do everything. */
  readonly admin: ApiConnection;
  readonly #group: ProgramGroup;
  readonly #authority: ClusterAuthority;

  private constructor(group: ProgramGroup, authority: ClusterAuthority, admin: ApiConnection) {
    this.#group = group;
    this.#authority = authority;
    this.admin = admin;
  }

  /** Starts one that serves, with its controllers at work. */
  static async start({ serviceCidr = "10.96.0.0/16", audit = false }: ControlPlaneOptions = {}): Promise<ControlPlane> {
    const programs = programsFolder();
    const group = new ProgramGroup();
    try {
      const authority = await ClusterAuthority.create(join(group.folder, "certificates"));
      const places = await layOut(group.folder, authority, serviceCidr, audit);
      group.start(join(programs, "etcd"), etcdFlags(places));
      const server = await startApiServer(group, authority, (port) => ({
        file: join(programs, "kube-apiserver"),
        flags: apiServerFlags(places, port, serviceCidr),
      }));
      const admin = await connect(server, authority, "admin", ["system:masters"]);
      const controllers = await connect(server, authority, "system:kube-controller-manager", []);
      writeFileSync(places.controllerKubeconfigFile, renderKubeconfig(controllers), { mode: 0o600 });
      group.start(join(programs, "kube-controller-manager"), controllerManagerFlags(places));
      await waitForControllers(group, admin);
      return new ControlPlane(group, authority, admin);
    } catch (error) {
      await group.remove();
      throw error;
    }
  }

  /** Everything that it has on disk, with a log of each program. */
  get folder(): string {
    return this.#group.folder;
  }

  /** In the name of a user who has no rights but those that are bound to the name or to one of the groups. */
  connectionOf(user: string, groups: readonly string[] = []): Promise<ApiConnection> {
    return connect(this.admin.server, this.#authority, user, groups);
  }

  /** Every request so far that has been answered. */
  auditLog(): AuditEvent[] {
    return readAuditLog(join(this.folder, AUDIT_LOG));
  }

  /** Ends it, and removes all that it had. */
  stop(): Promise<void> {
    return this.#group.remove();
  }
}

async function layOut(folder: string, authority: ClusterAuthority, serviceCidr: string, audit: boolean): Promise<ControlPlanePlaces> {
  const etcdFolder = join(folder, "etcd");
  mkdirSync(etcdFolder, { mode: 0o700 });
  const policyFile = join(folder, "audit-policy.json");
  if (audit) writeFileSync(policyFile, AUDIT_POLICY);
  // The Service `kubernetes` gets the first address that there is for Services.
  const serviceAddress = serviceCidr.replace(/\d+\/\d+$/, "1");
  const server = await authority.issueToServer(["localhost", "kubernetes.default.svc"], ["127.0.0.1", serviceAddress]);
  return {
    etcdFolder,
    authorityFile: authority.certificateFile,
    serverCertificateFile: server.certificateFile,
    serverKeyFile: server.keyFile,
    tokenKeyFile: authority.tokenKeyFile,
    tokenPublicKeyFile: authority.tokenPublicKeyFile,
    controllerKubeconfigFile: join(folder, "controllers.kubeconfig"),
    ...(audit ? { audit: { policyFile, logFile: join(folder, AUDIT_LOG) } } : {}),
  };
}

/** Gives the server's address once it serves. */
async function startApiServer(
  group: ProgramGroup,
  authority: ClusterAuthority,
  program: (port: number) => { readonly file: string; readonly flags: readonly string[] },
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort();
    const { file, flags } = program(port);
    const running = group.start(file, flags);
    const server = `https://127.0.0.1:${port}`;
    const anonymous = new ApiClient({ server, certificateAuthority: authority.certificate });
    try {
      await group.waitUntil("the API server to be ready", READY_LIMIT_SECONDS, () =>
        anonymous.text({ method: "GET", path: "/readyz" }).then(
          (answer) => answer === "ok",
          () => false,
        ),
      );
      return server;
    } catch (error) {
      if (attempt === PORT_ATTEMPTS || !running.hasEnded || !PORT_IS_TAKEN.test(running.log)) throw error;
      group.forget(running);
    } finally {
      anonymous.close();
    }
  }
}

/** A pod is refused until its namespace has a service account, which is the controllers' work. */
async function waitForControllers(group: ProgramGroup, admin: ApiConnection): Promise<void> {
  const api = new ApiClient(admin);
  try {
    await group.waitUntil(
      "the controllers to work",
      READY_LIMIT_SECONDS,
      async () => (await api.find(SERVICE_ACCOUNT, { namespace: "default", name: "default" })) !== undefined,
    );
  } finally {
    api.close();
  }
}

async function connect(server: string, authority: ClusterAuthority, user: string, groups: readonly string[]): Promise<ApiConnection> {
  const { certificate, key } = await authority.issueToUser(user, groups);
  return { server, certificateAuthority: authority.certificate, clientCertificate: certificate, clientKey: key };
}
