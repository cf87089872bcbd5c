#!/bin/sh
# ssh-keygen runs this for each passphrase it asks for (SSH_ASKPASS): the next line of standard input is the answer.
# `read` and `printf` are the shell's own, so the passphrase is in nobody's arguments.
IFS= read -r passphrase && printf '%s\n' "$passphrase"
