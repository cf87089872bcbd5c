/**
 * What `doctor.ps1` looks for in what ssh and servers print. Regular expressions that mean the same to .NET, which reads them on Windows,
 * and to JavaScript, which tests them.
 */
export const SSH_LINES = {
  version: /^OpenSSH_[A-Za-z_]*(\d+)\.(\d+)/,
  remoteForward: /^remoteforward (\S+) (\S+)$/,
  connecting: /^debug1: Connecting to .*\[(.*)\] port \d+\./,
  greeting: /(?:^|\n)SSH-(?:2\.0|1\.99)-([^\r\n]*)\r?\n/,
  greeted: /^debug1: Remote protocol version /,
  banner: /^debug1: (kex_exchange_identification: banner line.*)$/,
  hostKey: /^debug1: Server host key: (.*)$/,
  hostKeyKnown: /^debug1: Host .* is known and matches the .* host key/,
  otherHostKey: /sent by the remote host.*\n(.*)/,
  authenticated: /^Authenticated to /,
  forwardRefused: /^debug1: Remote: port forwarding refused/,
  forwardAnswered: /^debug1: remote forward (success|failure) for: listen ([^ ,]+)/,
} as const satisfies Readonly<Record<string, RegExp>>;

/** The same of certificates: what `ssh-keygen -L` prints, and what ssh says when the bastion takes one. */
export const CERTIFICATE_LINES = {
  field: /^ {1,8}(\S[^:]*): *(.*)$/,
  item: /^ {9,}(\S.*)$/,
  userType: / user certificate$/,
  authority: /^\S+ (\S+)/,
  validFrom: /^(?:from|after) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)/,
  validTo: /(?:^before| to) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)$/,
  // OpenSSH before 7.8 names the algorithm, later ones the kind of key.
  accepted: /^debug1: Server accepts key: (?:pkalg \S+-cert-|.*-CERT SHA256:)/,
} as const satisfies Readonly<Record<string, RegExp>>;
