import type { PlatformDiagnosis } from "./platform-diagnoses.ts";

/** What came of a connection: never made, or made and then closed, kept open, or answered with a first text. */
export type ConnectionOutcome =
  | { readonly kind: "name-unknown" | "refused" | "timeout" | "no-route" | "closed" | "open" }
  | { readonly kind: "answered"; readonly text: string };

/** What a connection to the SSH port means; `undefined` where an SSH server has greeted. */
export function diagnoseSshPort(outcome: ConnectionOutcome): PlatformDiagnosis | undefined {
  switch (outcome.kind) {
    case "name-unknown":
      return "name-unknown";
    case "refused":
      return "connection-refused";
    case "timeout":
      return "connection-timeout";
    case "no-route":
      return "no-route";
    case "open":
    case "closed":
      return "no-banner";
    case "answered":
      return diagnoseBanner(outcome.text);
  }
}

/** A server may say other lines before its version (RFC 4253, 4.2); sshd says there why it does not. */
function diagnoseBanner(text: string): PlatformDiagnosis | undefined {
  if (/^SSH-(?:2\.0|1\.99)-/m.test(text)) return undefined;
  if (text.startsWith("Not allowed at this time")) return "in-penalty";
  return text.startsWith("Exceeded MaxStartups") ? "too-many-logins" : "not-ssh";
}

/** Compares the host keys that are pinned with those that a server has shown, each as `type blob`. */
export function diagnoseHostKeys(pinned: readonly string[], shown: readonly string[]): PlatformDiagnosis | undefined {
  const ofPinnedTypes = shown.filter((key) => pinned.some((one) => typeOf(one) === typeOf(key)));
  if (ofPinnedTypes.length === 0) return "host-keys-unread";
  return ofPinnedTypes.every((key) => pinned.includes(key)) ? undefined : "host-key-changed";
}

function typeOf(key: string): string {
  return key.slice(0, key.indexOf(" "));
}

/** What a connection to a bind port means; `undefined` where the data source has taken it. */
export function diagnoseBindPort(outcome: ConnectionOutcome): PlatformDiagnosis | undefined {
  switch (outcome.kind) {
    case "name-unknown":
      return "consumer-address-unknown";
    case "refused":
      return "tunnel-down";
    case "timeout":
    case "no-route":
      return "bind-port-unreachable";
    case "closed":
      return "data-source-down";
    case "open":
    case "answered":
      return undefined;
  }
}

/** What ssh has said while it reached for a bind port as a consumer; `undefined` where the data source has taken the connection. */
export function diagnoseConsumerLogin(said: string, isOpen: boolean): PlatformDiagnosis | undefined {
  if (isOpen) return undefined;
  if (said.includes("administratively prohibited")) return "tunnel-not-permitted";
  if (/open failed: connect failed/.test(said)) return "tunnel-down";
  if (/UNPROTECTED PRIVATE KEY|Load key|no such identity/i.test(said)) return "identity-unusable";
  if (said.includes("Permission denied")) return "identity-refused";
  if (said.includes("Host key verification failed")) return "host-key-changed";
  return said.includes("Authenticated to") ? "data-source-down" : "connection-lost";
}
