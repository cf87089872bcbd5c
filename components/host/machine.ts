/** What has to be known of a machine before the files of a bastion can be rendered for it. */
export interface Machine {
  /** Folder that holds everything of the bastion. */
  readonly directory: string;
  readonly sshd: string;
  readonly sshKeygen: string;
  /** A Python that nobody but root can change: sshd runs no other. */
  readonly python: string;
  /** What `sshd -V` prints. */
  readonly opensshVersion: string;
  /** User that clients really log in as. */
  readonly tunnelUser: string;
  /** User that consumers really log in as; the same one where the machine has only one to give. */
  readonly consumerUser: string;
}
