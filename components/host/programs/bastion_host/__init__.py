"""The programs that run on a bastion host: keys in, sessions watched, dead clients out.

Two of the modules are entry points: `supervise` (one long-lived process per bastion) and
`authorized_keys_command` (started by sshd for every key a client offers). All others are
imported by those two. Standard library only: nothing is ever installed on a bastion.
"""
