"""What a container of the image runs beside `bastion_host`: its start, and the probes of its node.

All of it runs as the one user that the container has, with a root file system that cannot be
written to. Standard library only.
"""

DIRECTORY = "/var/lib/reverse-bastion"
"""The bastion's directory: a volume in memory, with the configuration and the mailbox in it."""

SETTINGS_FILE = f"{DIRECTORY}/etc/bastion.json"
