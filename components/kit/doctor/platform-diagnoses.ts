import type { Diagnosis } from "./diagnosis.ts";

/** What can be wrong, as the platform's end sees it, in the order in which a connection is made. */
export const PLATFORM_DIAGNOSES = {
  "name-unknown": {
    step: "name",
    side: "platform",
    meaning: "The bastion's name does not resolve.",
    remedy: "Look at the DNS record of the bastion, and at the resolver of this machine.",
  },
  "connection-refused": {
    step: "tcp",
    side: "platform",
    meaning: "The machine answers, and no sshd listens: it is down, or another port was meant.",
    remedy: "Look at the bastion's service and its log; deploy it again if it is gone.",
  },
  "connection-timeout": {
    step: "tcp",
    side: "platform",
    meaning: "Nothing answers: the machine is down, or a firewall drops the packets. Only clientCidrs are let in to sshd.",
    remedy: "Look whether the machine runs. If this machine is not in clientCidrs, run the doctor where it is.",
  },
  "no-route": {
    step: "tcp",
    side: "platform",
    meaning: "This machine has no way to the bastion's address.",
    remedy: "Run the doctor where the platform's services run, or look at the routes.",
  },
  "in-penalty": {
    step: "banner",
    side: "platform",
    meaning: "sshd does not talk to this machine's address for a while, after many failed logins from it.",
    remedy: "Stop what keeps failing here, and wait ten minutes; write probes of your own into penaltyExemptCidrs.",
  },
  "too-many-logins": {
    step: "banner",
    side: "platform",
    meaning: "More logins have been begun than sshd takes at the same time: a storm of reconnects, or a scan.",
    remedy: "Look into sshd's log for who it is, and narrow clientCidrs.",
  },
  "not-ssh": {
    step: "banner",
    side: "platform",
    meaning: "What answers on the SSH port is not an SSH server.",
    remedy: "Look what listens there: another service, or a load balancer that sends the port elsewhere.",
  },
  "no-banner": {
    step: "banner",
    side: "platform",
    meaning: "The connection is taken, and no SSH server speaks: a load balancer without a healthy bastion, or an sshd that hangs.",
    remedy: "Look at the health of what stands behind the port, and at the bastion's machine.",
  },
  "host-keys-unread": {
    step: "host key",
    side: "platform",
    meaning: "An SSH server answers, and shows none of the kinds of host key that are pinned.",
    remedy: "Look which server it is. If the bastion was set up by hand, deploy it again.",
  },
  "host-key-changed": {
    step: "host key",
    side: "platform",
    meaning: "Who answers is not the bastion of this stack: every customer's ssh refuses to connect.",
    remedy: "Look where the name and the address lead. Were the host keys replaced on purpose, deploy, and send every customer a new kit.",
  },
  "identity-unusable": {
    step: "login",
    side: "platform",
    meaning: "The file of --identity is no key that ssh can use without asking.",
    remedy: "Name a consumer's private key without a passphrase, readable by you alone.",
  },
  "identity-refused": {
    step: "login",
    side: "platform",
    meaning: "The bastion does not take this key for a consumer: it has expired, or is another one's, or may not be used from here.",
    remedy: "Name the private key of a consumer of this bastion, from an address that it may be used from.",
  },
  "tunnel-not-permitted": {
    step: "tunnel",
    side: "platform",
    meaning: "The consumer of this key may not reach this tunnel.",
    remedy: "Name the key of another consumer, or write the tunnel into this one's.",
  },
  "tunnel-down": {
    step: "tunnel",
    side: "customer",
    meaning: "The tunnel is down: no ssh is connected that holds its bind port.",
    remedy: "Ask the customer to run sh doctor.sh of the kit where the tunnel runs.",
  },
  "tunnel-on-loopback": {
    step: "tunnel",
    side: "customer",
    meaning: "The tunnel is up on the bastion's loopback only, and was meant for the network: -R has no bind address.",
    remedy: "Ask the customer to start ssh as the kit does, with 0.0.0.0: before the bind port.",
  },
  "bind-port-unreachable": {
    step: "tunnel",
    side: "platform",
    meaning: "Nothing answers at the bind port, though sshd does: a firewall drops the packets. Only consumerCidrs are let in.",
    remedy: "Run the doctor where the platform's services run, or add this machine's address to consumerCidrs.",
  },
  "consumer-address-unknown": {
    step: "tunnel",
    side: "platform",
    meaning: "The name at which consumers reach the bind port does not resolve here.",
    remedy: "Run the doctor where the platform's services run, or look at the DNS record.",
  },
  "data-source-down": {
    step: "data source",
    side: "customer",
    meaning: "The tunnel is up, and the connection is closed at once: the customer's machine does not reach the data source.",
    remedy: "Ask the customer to look whether the data source runs, and whether a firewall lets the tunnel's machine through to it.",
  },
  "connection-lost": {
    step: "login",
    side: "undecided",
    meaning: "The connection to the bastion was lost after SSH had begun.",
    remedy: "Try again, and look into sshd's log.",
  },
} as const satisfies Readonly<Record<string, Diagnosis>>;

export type PlatformDiagnosis = keyof typeof PLATFORM_DIAGNOSES;
