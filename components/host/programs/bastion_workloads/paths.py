"""Where everything about workloads is, below the bastion's directory."""

from __future__ import annotations


class Paths:
    """The files. No NamedTuple: the key command loads this for every key that is offered."""

    def __init__(self, directory: str) -> None:
        self.settings = f"{directory}/etc/workloads.json"
        self.folder = f"{directory}/live/workloads"
        """Must exist, closed to others."""
        self.keys = f"{self.folder}/keys"
        """What the key command reads: the moments of the cache, then `authorized_keys` lines."""
        self.cache = f"{self.folder}/cache.json"
        """The pods and their keys, for the next update."""
        self.lock = f"{self.folder}/lock"
        """Held by whoever updates."""
        self.failure = f"{self.folder}/failure"
        """The moment of the last update that failed, if none has worked since."""
        self.status = f"{directory}/run/workloads.json"
        """For people."""
        self.hosts = f"{directory}/hosts"
        """Mounted at /etc/hosts."""
        self.api_server = f"{directory}/run/api-server"
        """`host:port` of the API server: sshd hands no environment on."""
        self.token = f"{directory}/api/token"
        self.authorities = f"{directory}/api/ca.crt"
        self.log = f"{directory}/log/bastion.log"
