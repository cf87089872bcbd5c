import type { PeerDescription } from "../../../components/core/describe-bastion.ts";

/** What of a bastion's status tells who uses which key. */
export interface LoginStatus {
  readonly sessions: readonly LoginSession[];
  readonly keys: readonly { readonly fingerprint: string; readonly lastLoginAt: string | null }[];
  readonly hostKeys: readonly { readonly announcedOnly: boolean; readonly since: string }[];
}

interface LoginSession {
  readonly fingerprint: string;
  readonly clientAddress: string | null;
  readonly since: string;
}

/** What speaks for and against the next step, in words for a person. */
export interface Evidence {
  /** Why the old key cannot be dropped yet. */
  readonly againstFinishing: readonly string[];
  /** What cannot be known, and has to be said by a person. */
  readonly untold: readonly string[];
  /** Why the new key cannot be dropped any more. */
  readonly againstAbandoning: readonly string[];
}

/** Where nobody can be asked. */
export function noEvidence(reason: string): Evidence {
  return { againstFinishing: [], untold: [reason], againstAbandoning: [] };
}

/** Where somebody could be asked, and has not answered: that may be for a reason that matters. */
export function failedEvidence(reason: string): Evidence {
  return { againstFinishing: [reason], untold: [], againstAbandoning: [reason] };
}

/** The keys of somebody who changes from one to another. */
export interface ChangingKeys {
  readonly newKey: string;
  readonly oldKey: string;
  /** Whether the status was read with one of the two, which is no sign of who else uses it. */
  readonly isAskedWithOwnKey: boolean;
}

/** What a bastion's status says of the change of one key. */
export function evidenceOfKeys(status: LoginStatus, { newKey, oldKey, isAskedWithOwnKey }: ChangingKeys): Evidence {
  const [oldUse, newUse] = [useOf(status, oldKey), useOf(status, newKey)];
  const isNewSeen = newUse.sessions.length > 0 || newUse.lastLogin !== undefined;
  const isNewLatest = isNewSeen && (newUse.lastLogin ?? 0) >= (oldUse.lastLogin ?? 0);
  const holdsOld = oldUse.sessions.map((session) => `the old key holds a session ${describe(session)}`);
  if (isAskedWithOwnKey)
    return {
      againstFinishing: holdsOld,
      untold: ["the status was read with this operator's own key, so nobody can tell who else uses it"],
      againstAbandoning: [],
    };
  const unused = isNewSeen ? [] : ["the new key has not logged in yet"];
  const unusedAgain =
    isNewSeen && !isNewLatest && newUse.sessions.length === 0
      ? [`the last login was with the old key, at ${renderTime(oldUse.lastLogin)}`]
      : [];
  const holdsNew = newUse.sessions.map((session) => `the new key holds a session ${describe(session)}`);
  const wasNew =
    isNewLatest && holdsNew.length === 0 && holdsOld.length === 0
      ? [`the last login was with the new key, at ${renderTime(newUse.lastLogin)}`]
      : [];
  return { againstFinishing: [...holdsOld, ...unused, ...unusedAgain], untold: [], againstAbandoning: [...holdsNew, ...wasNew] };
}

/** Those who are told of new host keys when they log in. */
export interface ToldPeers {
  readonly clients: readonly Pick<PeerDescription, "name" | "fingerprints">[];
  readonly consumers: readonly Pick<PeerDescription, "name" | "fingerprints">[];
}

/** What a bastion's status says of who has been told of the next host keys. */
export function evidenceOfHostKeys(status: LoginStatus, { clients, consumers }: ToldPeers): Evidence {
  const announced = Math.max(...status.hostKeys.filter((key) => key.announcedOnly).map(({ since }) => Date.parse(since)));
  if (!Number.isFinite(announced))
    return { againstFinishing: ["the bastion does not announce them yet"], untold: [], againstAbandoning: [] };
  const of = (role: string, peers: ToldPeers["clients"]) =>
    peers.flatMap(({ name, fingerprints }) => {
      const uses = fingerprints.map((fingerprint) => useOf(status, fingerprint));
      const older = uses.flatMap(({ sessions }) => sessions).filter(({ since }) => Date.parse(since) < announced);
      if (older.length > 0)
        return older.map((session) => `${role} ${name} has not logged in since they are announced: its session is ${describe(session)}`);
      const isTold = uses.some(({ lastLogin = 0 }) => lastLogin >= announced);
      return isTold ? [] : [`${role} ${name} has not logged in since they are announced`];
    });
  return { againstFinishing: [...of("client", clients), ...of("consumer", consumers)], untold: [], againstAbandoning: [] };
}

interface Use {
  readonly sessions: readonly LoginSession[];
  /** Milliseconds since 1970. */
  readonly lastLogin: number | undefined;
}

function useOf({ sessions, keys }: LoginStatus, fingerprint: string): Use {
  const own = sessions.filter((session) => session.fingerprint === fingerprint);
  const logins = [
    ...own.map(({ since }) => since),
    ...keys.flatMap((key) => (key.fingerprint === fingerprint ? (key.lastLoginAt ?? []) : [])),
  ];
  return { sessions: own, lastLogin: logins.length === 0 ? undefined : Math.max(...logins.map((time) => Date.parse(time))) };
}

function describe({ clientAddress, since }: LoginSession): string {
  return `from ${clientAddress ?? "an unknown address"}, since ${since}`;
}

function renderTime(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "an unknown time" : new Date(milliseconds).toISOString();
}
