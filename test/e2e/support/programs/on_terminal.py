"""Runs a command on a terminal of its own, as a person would: waits for what it says, and types.

on_terminal.py STEPS COMMAND…: STEPS is a JSON list of [text to wait for, what to type]. Prints all that the terminal
showed, and ends as the command did.
"""

import json
import os
import pty
import select
import sys
import time

PATIENCE_SECONDS = 120


def main(steps: list[list[str]], command: list[str]) -> int:
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    shown = b""
    seen = 0
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # The command has closed its terminal.
                break
        if steps and (found := shown.find(steps[0][0].encode(), seen)) != -1:
            expected, typed = steps.pop(0)
            seen = found + len(expected.encode())
            os.write(terminal, typed.encode())
    else:
        os.kill(child, 9)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.stdout.buffer.write(shown)
    if steps:
        print(f"\nnever said: {steps[0][0]}", file=sys.stderr)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), sys.argv[2:]))
