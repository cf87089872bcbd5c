import type { Diagnosis } from "./diagnosis.ts";

/**
 * What can be wrong, as the customer's end sees it, in the order in which a connection is made. The page's list of failures has the same
 * words. `{host}`, `{sshPort}` and `{keyFile}` stand for those of the kit, `{doctor}` for the program that says it, and `{test}` for the
 * command by which ssh itself says the most.
 */
export const CUSTOMER_DIAGNOSES = {
  "openssh-missing": {
    step: "files",
    side: "customer",
    meaning: "The OpenSSH client is not on this machine, or something else is called ssh.",
    remedy: "Install it (Debian: openssh-client; Red Hat: openssh-clients; Windows: the optional feature OpenSSH Client).",
  },
  "openssh-old": {
    step: "files",
    side: "customer",
    meaning: "This OpenSSH is too old for the bastion's keys and ciphers.",
    remedy: "Install OpenSSH 6.8 or later.",
  },
  "ssh-config-missing": {
    step: "files",
    side: "customer",
    meaning: "ssh does not find the settings of this kit.",
    remedy: "Put ssh_config beside {doctor}, as it is in the kit, and run {doctor} there.",
  },
  "ssh-config-invalid": {
    step: "files",
    side: "customer",
    meaning: "ssh does not understand ssh_config, which has been changed or damaged.",
    remedy: "Take ssh_config from the kit again.",
  },
  "known-hosts-missing": {
    step: "files",
    side: "customer",
    meaning: "ssh did not find known_hosts.",
    remedy: "Run the command in the folder of this kit.",
  },
  "key-missing": {
    step: "files",
    side: "customer",
    meaning: "The private key is not here. It is not part of the kit; it is delivered separately.",
    remedy: "Put the key beside {doctor}, as {keyFile}.",
  },
  "key-unreadable": {
    step: "files",
    side: "customer",
    meaning: "The private key may not be read by who runs ssh.",
    remedy: "Run {doctor} as the owner of {keyFile}, or give the file to whoever runs ssh.",
  },
  "key-too-open": {
    step: "files",
    side: "customer",
    meaning: "Others on this machine may read the key, so ssh does not use it.",
    remedy: "chmod 600 {keyFile}; on Windows, the installer in step 3 sets it right.",
  },
  "key-has-passphrase": {
    step: "files",
    side: "customer",
    meaning: "The key is encrypted with a passphrase, and a service has nobody to type it.",
    remedy: "Take the passphrase off where the tunnel runs: ssh-keygen -p -f {keyFile}, with an empty new one.",
  },
  "key-damaged": {
    step: "files",
    side: "customer",
    meaning: "The key was damaged on its way: cut off, or with other ends of lines.",
    remedy: "Take the file anew, as a file and not as text.",
  },
  "no-forward": {
    step: "files",
    side: "customer",
    meaning:
      "ssh is not told to open this tunnel: -R, or its line RemoteForward in ssh_config, is missing. It connects, and forwards nothing.",
    remedy: "Take ssh_config from the kit again, and start ssh as the kit does.",
  },
  "loopback-bind": {
    step: "files",
    side: "customer",
    meaning:
      "ssh asks for this bind port on the bastion's loopback, where the platform's network does not reach it: -R has no bind address.",
    remedy: "Take ssh_config from the kit again. In a command of your own, write 0.0.0.0: before the bind port.",
  },
  "name-unknown": {
    step: "name",
    side: "customer",
    meaning: "The name is not known where ssh runs.",
    remedy: "Let the machine resolve public names. In a closed network, ask the platform for the address.",
  },
  "connection-refused": {
    step: "tcp",
    side: "customer",
    meaning: "Something answered and said no: as a rule a firewall on the way.",
    remedy: "Allow outgoing TCP {sshPort} to {host}. If it is refused from another network as well, tell the platform.",
  },
  "no-route": {
    step: "tcp",
    side: "customer",
    meaning: "This machine has no way to the bastion's address, or a firewall says so.",
    remedy: "Give the machine a route to the internet, and allow outgoing TCP {sshPort} to {host}.",
  },
  "connection-timeout": {
    step: "tcp",
    side: "undecided",
    meaning: "A firewall drops the packets: yours, or the bastion's, which lets in only the addresses you have named.",
    remedy: "Allow outgoing TCP {sshPort} to {host}. Then tell the platform the public address your network comes from.",
  },
  "in-penalty": {
    step: "banner",
    side: "customer",
    meaning: "The bastion does not talk to your address for a while, after many failed logins from it.",
    remedy: "Stop what keeps failing, an ssh with an old key for example, and wait ten minutes.",
  },
  "too-many-logins": {
    step: "banner",
    side: "platform",
    meaning: "More logins have been begun at the bastion than it takes at the same time.",
    remedy: "Try again in a minute. If it stays so, tell the platform.",
  },
  "not-ssh": {
    step: "banner",
    side: "undecided",
    meaning: "What answers there is not SSH: a proxy or web server of yours on the way, or the platform sends this port to something else.",
    remedy: "Look whether a proxy takes the connection. If there is none, tell the platform what answered.",
  },
  "no-banner": {
    step: "banner",
    side: "undecided",
    meaning: "The connection is taken and nobody speaks: a firewall that inspects it, or a load balancer without the bastion behind it.",
    remedy: "Exempt the connection from inspection. If there is none, tell the platform.",
  },
  "closed-before-ssh": {
    step: "banner",
    side: "customer",
    meaning:
      "The connection was ended before SSH began: by a device that inspects protocols, or by the bastion after many failed logins from your address.",
    remedy: "Exempt the connection from inspection. Stop what keeps failing, and wait ten minutes.",
  },
  "no-common-algorithm": {
    step: "host key",
    side: "customer",
    meaning: "This ssh and the bastion have no algorithm in common: ssh is too old, or a policy of this machine allows too little.",
    remedy: "Install a newer OpenSSH, or tell the platform what ssh prints.",
  },
  "host-key-not-pinned": {
    step: "host key",
    side: "customer",
    meaning: "The file known_hosts does not have this bastion in it: it is of another kit, or the host or port in ssh_config was changed.",
    remedy: "Take known_hosts and ssh_config from the kit again, both of the same.",
  },
  "host-key-changed": {
    step: "host key",
    side: "platform",
    meaning: "Who answered is not the bastion of this kit.",
    remedy:
      "Do not go on, and do not switch the check off. Send the platform the fingerprint that is printed. It is none of the bastion's.",
  },
  "key-wrong": {
    step: "login",
    side: "customer",
    meaning: "The file is another key: none of those that the bastion was given for this client.",
    remedy: "Put the key that was delivered for this kit at {keyFile}. If it has been replaced since, ask the platform for a new kit.",
  },
  "key-refused": {
    step: "login",
    side: "platform",
    meaning:
      "This is the key of this kit, and the bastion does not take it: it has expired, was taken out, or may not be used from your address.",
    remedy: "Ask the platform. Tell it the key's fingerprint, and the public address your network comes from.",
  },
  "certificate-missing": {
    step: "login",
    side: "customer",
    meaning: "The bastion takes this client's certificates, and there is none beside the key.",
    remedy: "Put the certificate of this key beside it, as {keyFile}-cert.pub; whoever signs for this client makes one.",
  },
  "certificate-damaged": {
    step: "login",
    side: "customer",
    meaning: "The file {keyFile}-cert.pub is no certificate of a user's key: damaged on its way, or a certificate for a host.",
    remedy: "Take the certificate anew from whoever signs for this client.",
  },
  "certificate-wrong-key": {
    step: "login",
    side: "customer",
    meaning: "The certificate is of another key than the one beside it, so ssh cannot use it.",
    remedy: "Put key and certificate of the same pair there, or have this key signed.",
  },
  "certificate-wrong-authority": {
    step: "login",
    side: "customer",
    meaning: "Another authority than the bastion was told of has signed the certificate.",
    remedy: "Have it signed by the authority that is printed. If the authority has been replaced, send the platform its new public key.",
  },
  "certificate-wrong-principal": {
    step: "login",
    side: "customer",
    meaning: "The certificate is for somebody else: it names no principal of this client.",
    remedy: "Have it signed for the principal that is printed (ssh-keygen -n).",
  },
  "certificate-expired": {
    step: "login",
    side: "customer",
    meaning: "The certificate has expired, by this machine's clock.",
    remedy: "Get a new one from whoever signs for this client. If it is new, set the clock of this machine, or of the one that signs.",
  },
  "certificate-not-yet-valid": {
    step: "login",
    side: "customer",
    meaning:
      "The certificate is not valid yet, by this machine's clock: the clock of the machine that signs is ahead, or this one's is behind.",
    remedy: "Set the clock that is wrong. Have certificates signed as valid from five minutes before.",
  },
  "certificate-refused": {
    step: "login",
    side: "undecided",
    meaning:
      "The certificate is right as far as can be seen from here, and the bastion does not take it: its clock is another one, the certificate or the client may not be used from your address, or the client was taken out.",
    remedy: "Compare the times that are printed with the right time. If they are right, tell the platform the serial number and key id.",
  },
  "certificate-no-forwarding": {
    step: "bind",
    side: "customer",
    meaning: "The bastion lets the certificate in, and it does not allow forwards: it was signed without permit-port-forwarding.",
    remedy: "Have it signed with permit-port-forwarding (ssh-keygen -O permit-port-forwarding).",
  },
  "connection-lost": {
    step: "login",
    side: "undecided",
    meaning: "The connection was lost after SSH had begun.",
    remedy: "Try again. If it is always at the same step, look for a firewall or VPN that ends it, and tell the platform.",
  },
  "forward-not-permitted": {
    step: "bind",
    side: "platform",
    meaning:
      "The bastion lets this key in, and does not let it open this tunnel: the tunnel is no longer this key's, or has another bind port.",
    remedy: "Ask the platform for a new kit.",
  },
  "agent-frozen": {
    step: "bind",
    side: "customer",
    meaning: "An ssh of this machine has the tunnels and does not run: it is stopped. The bastion drops it for whoever logs in next.",
    remedy: "End that ssh (kill -KILL; Windows: Stop-Process), and let the service start another one.",
  },
  "port-taken": {
    step: "bind",
    side: "undecided",
    meaning:
      "Another ssh holds this tunnel, and is none of this machine's. It is alive: the bastion drops a dead one for whoever logs in next.",
    remedy: "Look on your other machines for a test or a service that still runs. If there is none, tell the platform.",
  },
  "source-name-unknown": {
    step: "data source",
    side: "customer",
    meaning: "The name of the data source is not known where ssh runs.",
    remedy: "Let this machine resolve it, or run the tunnel on one that does.",
  },
  "source-refused": {
    step: "data source",
    side: "customer",
    meaning: "The machine reaches the data source's host, and nothing listens there at this port.",
    remedy: "Look whether the data source runs, and whether it listens at this address and port.",
  },
  "source-unreachable": {
    step: "data source",
    side: "customer",
    meaning: "The machine does not reach the data source.",
    remedy: "Look whether the data source runs, and whether a firewall lets this machine through to it.",
  },
  "source-closes": {
    step: "data source",
    side: "customer",
    meaning: "The data source takes the connection and closes it at once, before a word: it does not let this machine in, or is not ready.",
    remedy: "Look into its log, and whether it allows this machine's address.",
  },
  unexplained: {
    step: "connection",
    side: "undecided",
    meaning: "ssh ended in a way that this program does not know.",
    remedy: "Run {test}, and send the platform what it prints.",
  },
} as const satisfies Readonly<Record<string, Diagnosis>>;

export type CustomerDiagnosis = keyof typeof CUSTOMER_DIAGNOSES;

/** What ssh and servers say, and what that is. The first that fits counts. */
export const SSH_MESSAGES: readonly (readonly [text: string, diagnosis: CustomerDiagnosis])[] = [
  ["Could not resolve hostname", "name-unknown"],
  ["REMOTE HOST IDENTIFICATION HAS CHANGED", "host-key-changed"],
  ["host key is known for", "host-key-not-pinned"],
  ["Unable to negotiate with", "no-common-algorithm"],
  ["Not allowed at this time", "in-penalty"],
  ["Exceeded MaxStartups", "too-many-logins"],
  ["banner line", "not-ssh"],
  ["Bad remote protocol version", "not-ssh"],
  ["during banner exchange", "no-banner"],
  ["Permission denied", "key-refused"],
  ["Too many authentication failures", "key-refused"],
  ["Connection refused", "connection-refused"],
  ["No route to host", "no-route"],
  ["Network is unreachable", "no-route"],
  ["timed out", "connection-timeout"],
  ["kex_exchange_identification", "closed-before-ssh"],
  ["Connection closed by", "closed-before-ssh"],
  ["Connection reset by", "closed-before-ssh"],
];
