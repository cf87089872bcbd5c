#!/bin/sh
# Dials again 5 s after ssh has ended, however it ended: Kubernetes would wait longer each time, up to five minutes.
child=''
trap '[ -z "$child" ] || kill "$child" 2>/dev/null; exit 0' INT TERM
while :; do
  ssh -F ./ssh_config -o UpdateHostKeys=no -N -T bastion &
  child=$!
  wait "$child"
  sleep 5 &
  child=$!
  wait "$child"
done
