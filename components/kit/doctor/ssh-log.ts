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
