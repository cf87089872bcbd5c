/** The kinds that a node has to do with. */
export const POD = { apiVersion: "v1", kind: "Pod" };
export const NODE = { apiVersion: "v1", kind: "Node" };
export const EVENT = { apiVersion: "v1", kind: "Event" };
export const NAMESPACE = { apiVersion: "v1", kind: "Namespace" };
export const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };
export const SECRET = { apiVersion: "v1", kind: "Secret" };
export const SERVICE = { apiVersion: "v1", kind: "Service" };
export const SERVICE_ACCOUNT = { apiVersion: "v1", kind: "ServiceAccount" };
export const TOKEN_REQUEST = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" };
export const ENDPOINT_SLICE = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" };
export const ROLE = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role" };
export const ROLE_BINDING = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding" };
export const NETWORK_POLICY = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" };
