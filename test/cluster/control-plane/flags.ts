/** Where one control plane has its parts. */
export interface ControlPlanePlaces {
  /** Folder of etcd's data and its sockets. */
  readonly etcdFolder: string;
  readonly authorityFile: string;
  readonly serverCertificateFile: string;
  readonly serverKeyFile: string;
  readonly tokenKeyFile: string;
  readonly tokenPublicKeyFile: string;
  /** By which the controller manager reaches the API server. */
  readonly controllerKubeconfigFile: string;
  /** Present where requests are recorded. */
  readonly audit?: { readonly policyFile: string; readonly logFile: string };
}

/** What a workload and its Services need. Nothing here watches nodes: those of the tests have no leases. */
export const CONTROLLERS = [
  "clusterrole-aggregation-controller",
  "deployment-controller",
  "disruption-controller",
  "endpoints-controller",
  "endpointslice-controller",
  "garbage-collector-controller",
  "namespace-controller",
  "replicaset-controller",
  "root-ca-certificate-publisher-controller",
  "serviceaccount-controller",
] as const;

const NOWHERE = "http://127.0.0.1:1";

/** etcd on Unix sockets, which take no port; what it stores need not outlive the machine. */
export function etcdFlags({ etcdFolder }: ControlPlanePlaces): string[] {
  return [
    "--name=test",
    `--data-dir=${etcdFolder}/data`,
    `--listen-client-urls=${etcdClientUrl(etcdFolder)}`,
    `--listen-peer-urls=unix://${etcdFolder}/peers.sock`,
    // What it tells others has to be a host and a port. There is nobody to tell, and nothing listens there.
    `--advertise-client-urls=${NOWHERE}`,
    `--initial-advertise-peer-urls=${NOWHERE}`,
    `--initial-cluster=test=${NOWHERE}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

/** The API server on a port of loopback, for clients that trust the cluster's authority. */
export function apiServerFlags(places: ControlPlanePlaces, port: number, serviceCidr: string): string[] {
  return [
    `--etcd-servers=${etcdClientUrl(places.etcdFolder)}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--tls-cert-file=${places.serverCertificateFile}`,
    `--tls-private-key-file=${places.serverKeyFile}`,
    `--client-ca-file=${places.authorityFile}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${places.tokenPublicKeyFile}`,
    `--service-account-signing-key-file=${places.tokenKeyFile}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    `--service-cluster-ip-range=${serviceCidr}`,
    // An endpoint of the Service `kubernetes` must not be on loopback, and the server listens nowhere else.
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    "--profiling=false",
    ...(places.audit === undefined
      ? []
      : [
          `--audit-policy-file=${places.audit.policyFile}`,
          `--audit-log-path=${places.audit.logFile}`,
          // A request is recorded before it is answered, so that who has the answer finds the record.
          "--audit-log-mode=blocking-strict",
        ]),
  ];
}

/** The controller manager, which serves nothing itself. */
export function controllerManagerFlags(places: ControlPlanePlaces): string[] {
  return [
    `--kubeconfig=${places.controllerKubeconfigFile}`,
    `--controllers=${CONTROLLERS.join(",")}`,
    // Each controller has its own account and no more rights than a real cluster gives it.
    "--use-service-account-credentials",
    `--root-ca-file=${places.authorityFile}`,
    "--leader-elect=false",
    "--secure-port=0",
    "--profiling=false",
  ];
}

function etcdClientUrl(etcdFolder: string): string {
  return `unix://${etcdFolder}/clients.sock`;
}
