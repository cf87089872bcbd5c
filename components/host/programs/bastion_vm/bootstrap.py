"""The first program of a machine: `python3 -I -S bootstrap.py <directory>`.

A machine is booted with it, and has to be replaced for another on AWS and Azure, so it does as
little as possible: it starts the installed `sync`, or on the first boot fetches one.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from importlib import import_module

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bastion_vm.document import (
    DocumentError,
    Store,
    StoreUnavailable,
    parse_files,
    parse_manifest,
    read_document,
)

_FIRST_DELAY_SECONDS = 1.0
_LONGEST_DELAY_SECONDS = 10.0
_SYNC = "lib/bastion_vm/sync.py"
# Module and class of each cloud's store. A machine is booted with that of its own cloud only.
_STORES = {
    "aws": ("parameter_store", "ParameterStore"),
    "gcp": ("metadata_store", "MetadataStore"),
    "azure": ("vault_store", "VaultStore"),
}


def open_store(directory: str) -> Store:
    """The store that `boot/machine.json` names."""
    with open(os.path.join(directory, "boot/machine.json"), encoding="utf-8") as file:
        machine: Mapping[str, str] = json.load(file)
    module, name = _STORES[machine["cloud"]]
    store: Store = getattr(import_module(f"bastion_vm.{module}"), name)(machine)
    return store


def main(directory: str) -> None:
    # Installed, and judged, by an earlier one; that lasts over a reboot.
    program = os.path.join(directory, _SYNC)
    if not os.path.exists(program):
        program = os.path.join(directory, "boot", _SYNC)
        _fetch_until_there(directory)
    os.execv(sys.executable, [sys.executable, "-I", "-S", program, directory])


def _fetch_until_there(directory: str) -> None:
    delay = _FIRST_DELAY_SECONDS
    while True:
        try:
            return fetch_programs(open_store(directory), os.path.join(directory, "boot"))
        except (StoreUnavailable, DocumentError, OSError) as error:
            print(f"bootstrap: {error}", file=sys.stderr, flush=True)
        time.sleep(delay)
        delay = min(delay * 2, _LONGEST_DELAY_SECONDS)


def fetch_programs(store: Store, folder: str) -> None:
    """Unpacks the programs of the host files below `folder`."""
    name = "host-files/manifest"
    manifest = parse_manifest(name, store.read([name]).get(name))
    files = parse_files(read_document(store, "host-files", manifest))
    shutil.rmtree(os.path.join(folder, "lib"), ignore_errors=True)
    # The program that is started comes last: a full disk or a power cut leaves none.
    for path in sorted(files, key=lambda path: path == _SYNC):
        mode, content = files[path]
        if path.startswith("lib/"):
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                os.fchmod(file.fileno(), mode)
                file.write(content)


if __name__ == "__main__":
    os.umask(0o022)
    main(sys.argv[1])
