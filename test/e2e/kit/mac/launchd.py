#!/usr/bin/python3
"""A stand-in for launchd, as launchd.plist(5) and launchctl(1) describe what the kit uses of it. It is no proof of what launchd does."""

import json
import os
import plistlib
import pwd
import grp
import resource
import signal
import socket
import subprocess
import threading
import time

SOCKET = "/stand-in/launchd.socket"
NOT_FOUND = 113
SYSTEM = "system/"


class Job:
    """One daemon that is loaded, and started anew whenever it ends."""

    def __init__(self, settings, forget):
        self.settings = settings
        self.process = None
        self._forget = forget
        self._is_unwanted = threading.Event()
        threading.Thread(target=self._keep_alive, daemon=True).start()

    def unload(self):
        self._is_unwanted.set()
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)

    def describe(self):
        lines = ['\t"Label" = "%s";' % self.settings["Label"], '\t"OnDemand" = false;']
        if self.process is not None:
            lines.append('\t"PID" = %d;' % self.process.pid)
        return "{\n%s\n};\n" % "\n".join(lines)

    def _keep_alive(self):
        while not self._is_unwanted.is_set():
            started = time.monotonic()
            self.process = self._start()
            self.process.wait()
            self.process = None
            self._is_unwanted.wait(max(0, self.settings["ThrottleInterval"] - (time.monotonic() - started)))
        self._forget(self.settings["Label"])

    def _start(self):
        user = pwd.getpwnam(self.settings["UserName"])
        group = grp.getgrnam(self.settings["GroupName"])

        def become_the_job():
            limit = self.settings["SoftResourceLimits"]["NumberOfFiles"], self.settings["HardResourceLimits"]["NumberOfFiles"]
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            os.setgid(group.gr_gid)
            os.initgroups(user.pw_name, group.gr_gid)
            os.setuid(user.pw_uid)
            os.chdir(self.settings["WorkingDirectory"])
            os.umask(self.settings["Umask"])
            os.dup2(os.open(self.settings["StandardErrorPath"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666), 2)

        environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
        arguments = self.settings["ProgramArguments"]
        null = subprocess.DEVNULL
        return subprocess.Popen(arguments, stdin=null, stdout=null, env=environment, preexec_fn=become_the_job)


class Launchd:
    def __init__(self):
        self._jobs = {}

    def answer(self, arguments):
        command, *rest = arguments
        if command == "bootstrap":
            return self._bootstrap(*rest)
        job = self._jobs.get(rest[0][len(SYSTEM) :] if rest[0].startswith(SYSTEM) else rest[0])
        if job is None:
            return NOT_FOUND, "", 'Could not find service "%s"\n' % rest[0]
        if command == "bootout":
            job.unload()
            return 0, "", ""
        return (0, job.describe(), "") if command in ("print", "list") else (64, "", "Unrecognized subcommand: %s\n" % command)

    def _bootstrap(self, domain, path):
        about = os.stat(path)
        settings = plistlib.loads(open(path, "rb").read())
        label = settings["Label"]
        if domain != "system" or about.st_uid != 0 or about.st_gid != 0 or about.st_mode & 0o022:
            return 122, "", "Bootstrap failed: 122: Path had bad ownership/permissions\n"
        if label in self._jobs or not (settings["RunAtLoad"] and settings["KeepAlive"]):
            return 5, "", "Bootstrap failed: 5: Input/output error\n"
        self._jobs[label] = Job(settings, self._jobs.pop)
        return 0, "", ""


def main():
    launchd = Launchd()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(SOCKET)
        listener.listen()
        while True:
            connection, _ = listener.accept()
            with connection:
                status, out, err = launchd.answer(json.loads(connection.makefile().readline()))
                connection.sendall(json.dumps({"status": status, "out": out, "err": err}).encode() + b"\n")


main()
