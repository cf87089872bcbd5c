/** What names a resource: by itself, or with its project and place. */
export interface GcpResourcePath {
  readonly name: string;
  /** `undefined` in a bare name. */
  readonly project: string | undefined;
  /** `undefined` where the path has none. */
  readonly region: string | undefined;
}

const NAME = "[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?";
const PROJECT = "(?:[a-z0-9.-]+:)?[a-z][-a-z0-9]{4,28}[a-z0-9]";
const PREFIX = "(?:https://(?:www|compute)\\.googleapis\\.com/compute/v1/)?";

/** A project's id; an old one may be scoped by a domain. */
export const PROJECT_ID = new RegExp(`^${PROJECT}$`);
/** A network: its name, path or self link. */
export const NETWORK = new RegExp(`^(?:${PREFIX}projects/${PROJECT}/global/networks/)?${NAME}$`);
/** A subnetwork: its name, path or self link. */
export const SUBNETWORK = new RegExp(`^(?:${PREFIX}projects/${PROJECT}/regions/[a-z]+-[a-z]+\\d+/subnetworks/)?${NAME}$`);
/** One image; a family is not one. */
export const IMAGE = new RegExp(`^${PREFIX}projects/${PROJECT}/global/images/${NAME}$`);
/** A zone of Cloud DNS: its name or path. */
export const MANAGED_ZONE = new RegExp(`^(?:projects/${PROJECT}/managedZones/)?${NAME}$`);

/** Takes a name, path or self link apart. */
export function parseResourcePath(text: string): GcpResourcePath {
  const [, project] = /projects\/([^/]+)\//.exec(text) ?? [];
  const [, region] = /\/regions\/([^/]+)\//.exec(text) ?? [];
  return { name: text.slice(text.lastIndexOf("/") + 1), project, region };
}

/** The region of a zone. */
export function regionOf(zone: string): string {
  return zone.slice(0, zone.lastIndexOf("-"));
}
