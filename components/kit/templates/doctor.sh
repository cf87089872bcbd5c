#!/bin/sh
# Finds out what keeps the tunnels of {{client}} to {{host}} from working, and whose side it is on.
#   doctor.sh          walks the way of a connection, and stops at the first thing that is wrong
#   doctor.sh --json   the same for a program
# A tunnel that is up stays up, and nothing is changed. Where none is up, its bind port is taken for a moment.
# Ends with 0 when all is well, {{customerCode}} when it is on the customer's side, {{platformCode}} on the platform's,
# {{undecidedCode}} when that cannot be told from here, and 2 when it was called wrongly.
set -u
LC_ALL=C
export LC_ALL

key_file={{keyFile}}
endpoint={{endpoint}}
login={{login}}
fingerprints={{fingerprints}}
# Whose certificates the bastion takes; nothing where it takes keys only.
authorities={{authorities}}
# Name and listening side of each tunnel, the latter as `ssh -G` prints it.
tunnels='{{tunnels}}'

# What each fault is: its step, whose side it is on, what it means and what to do.
look_up() {
  case $1 in
{{diagnoses}}
  esac
}

# What ssh has said, as a fault.
read_ssh() {
  case $1 in
{{messages}}
  *) diagnosis=unexplained ;;
  esac
}

json_text() {
  printf '"%s"' "$(printf '%s' "$1" | tr '\t\n\r' '   ' | tr -d '\000-\037\177-\377' | sed 's/[\\"]/\\&/g')"
}

# A step that is done, and what was seen.
passed() {
  [ "$format" = json ] || printf 'ok    %-11s  %s\n' "$1" "$2"
  steps="$steps${steps:+,}{\"step\":$(json_text "$1"),\"seen\":$(json_text "$2")}"
}

finish() {
  if [ "$format" = json ]; then
    if [ "$1" = healthy ]; then
      printf '{"healthy":true,"exitCode":0,"note":%s,"steps":[%s]}\n' "$(json_text "$2")" "$steps"
    else
      printf '{"healthy":false,"exitCode":%s,"diagnosis":"%s","step":"%s","side":"%s","seen":%s,"meaning":%s,"remedy":%s,"steps":[%s]}\n' \
        "$code" "$1" "$step" "$side" "$(json_text "$2")" "$(json_text "$meaning")" "$(json_text "$remedy")" "$steps"
    fi
  elif [ "$1" = healthy ]; then
    printf '\ndoctor.sh: healthy: %s\n' "$2"
  else
    printf 'FAIL  %-11s  %s\n\n' "$step" "$2"
    printf 'It means:  %s\nWhose:     %s\nTo do:     %s\n\ndoctor.sh: %s: %s\n' "$meaning" "$whose" "$remedy" "$1" "$whose"
  fi
  exit "$code"
}

# The first fault, and what was seen of it.
found() {
  look_up "$1"
  case $side in
  customer) code={{customerCode}} whose='your side' ;;
  platform) code={{platformCode}} whose="the platform's side" ;;
  *) code={{undecidedCode}} whose="undecided: your side or the platform's" ;;
  esac
  finish "$1" "$2"
}

check_openssh() {
  for program in ssh ssh-keygen; do
    command -v "$program" >/dev/null 2>&1 || found openssh-missing "$program was not found"
  done
  version=$(ssh -V 2>&1)
  numbers=$(printf '%s\n' "$version" | sed -n 's/^OpenSSH_[A-Za-z_]*\([0-9]\{1,\}\)\.\([0-9]\{1,\}\).*/\1 \2/p')
  [ -n "$numbers" ] || found openssh-missing "ssh -V says: $version"
  [ "$((${numbers% *} * 100 + ${numbers#* }))" -ge 608 ] || found openssh-old "ssh -V says: $version"
}

check_key() {
  [ -e "./$key_file" ] || found key-missing "there is no file $PWD/$key_file"
  [ -r "./$key_file" ] || found key-unreadable "$(id -un) may not read $PWD/$key_file"
  # ssh minds this of one's own key only.
  open=$(find "./$key_file" -prune -user "$(id -u)" \( -perm -040 -o -perm -020 -o -perm -010 -o -perm -004 -o -perm -002 -o -perm -001 \))
  [ -z "$open" ] || found key-too-open "$(ls -l "./$key_file")"
  if ! said=$(ssh-keygen -y -P '' -f "./$key_file" 2>&1 >"$work/public"); then
    case $said in
    *'incorrect passphrase'*) found key-has-passphrase "$said" ;;
    *) found key-damaged "$said" ;;
    esac
  fi
  fingerprint=$(ssh-keygen -lf "$work/public" | cut -d ' ' -f 2)
}

{{certificates}}
# What ssh will forward, as it reads the settings: they are the customer's to change.
check_forwards() {
  ssh -G -F ./ssh_config {{alias}} >"$work/settings" 2>"$work/said" || found ssh-config-invalid "$(tail -n 1 "$work/said")"
  sed -n 's/^remoteforward \([^ ]*\) \(.*\)$/\1 \2/p' "$work/settings" >"$work/forwards"
  printf '%s\n' "$tunnels" >"$work/tunnels"
  while read -r name listen; do
    awk -v listen="$listen" '$1 == listen { found = 1 } END { exit !found }' "$work/forwards" && continue
    port=${listen##*:}
    awk -v port="$port" '$1 == port || $1 == "[127.0.0.1]:" port || $1 == "[localhost]:" port { found = 1 } END { exit !found }' \
      "$work/forwards" && found loopback-bind "tunnel $name: ssh_config asks for port $port of loopback, not for $listen"
    found no-forward "tunnel $name: ssh_config has no RemoteForward for $listen"
  done <"$work/tunnels"
}

# One login shows all of it: the forwards are answered before the session, which the bastion refuses, and so ssh ends.
dial() {
  ssh -F ./ssh_config -v -T -o BatchMode=yes -o StrictHostKeyChecking=yes -o ExitOnForwardFailure=no -o ControlMaster=no -o ControlPath=none \
    {{alias}} true </dev/null >/dev/null 2>"$work/raw"
  tr -d '\r' <"$work/raw" >"$work/log"
  grep -v '^debug1:' "$work/log" >"$work/said"
  sed -n 's/^debug1: \(kex_exchange_identification: banner line\)/\1/p' "$work/log" | head -n 1 >>"$work/said"
}

# What is to be in the log when a step is done.
reached() {
  grep -q "$1" "$work/log" && return
  read_ssh "$(cat "$work/said")"
  if [ "$diagnosis" = key-refused ]; then
    [ -z "$authorities" ] || check_certificate
    case $fingerprints in
    *" $fingerprint "* | '  ') ;;
    *) diagnosis=key-wrong ;;
    esac
    found "$diagnosis" "$(grep -m 1 -e 'Permission denied' -e 'Too many' "$work/said"); the key is $fingerprint"
  fi
  if [ "$diagnosis" = host-key-changed ]; then
    found "$diagnosis" "$(grep -A 1 'sent by the remote host' "$work/said" | tail -n 1) is what answered at $endpoint"
  fi
  # These words mean something else once SSH has begun.
  case $diagnosis in closed-before-ssh | connection-timeout) grep -q 'Remote protocol version' "$work/log" && diagnosis=connection-lost ;; esac
  found "$diagnosis" "$(tail -n 1 "$work/said")"
}

# The programs of this machine with a connection to the bastion, in the states of `ss`: their ids, `unknown` where they are not for us
# to see, or nothing.
connected() {
  if command -v ss >/dev/null 2>&1; then
    ss -Htnp "$@" dst "$socket" 2>/dev/null |
      awk '{ if (match($0, /pid=[0-9]+/)) print substr($0, RSTART + 4, RLENGTH - 4); else print "unknown" }'
  elif command -v netstat >/dev/null 2>&1; then
    netstat -an 2>/dev/null | awk -v ip="$address" -v port="$port_dialled" \
      '/ESTABLISHED/ && ($5 == ip ":" port || $5 == ip "." port) { print "unknown" }'
  fi
}

# An ssh that is stopped looks alive to this machine. The bastion has dropped it for our login, or will do so.
check_frozen() {
  for pid in $(connected state established state close-wait); do
    [ "$pid" != unknown ] || continue
    case $(ps -o stat= -p "$pid" 2>/dev/null) in
    [Tt]*) found agent-frozen "process $pid of this machine is connected to $endpoint, and is stopped" ;;
    esac
  done
}

# Whose a bind port is that could not be had.
check_holder() {
  for pid in $(connected state established); do
    case $pid in unknown) agent='a program of another user' ;; *) agent="process $pid" ;; esac
  done
  [ -n "$agent" ] || found port-taken "tunnel $1: bind port ${2##*:} is taken, and this machine has no connection to $endpoint"
  passed bind "tunnel $1: port taken by a live agent of this machine ($agent), which is as it should be"
}

# An ssh that somebody has typed with this key, and without -R, is connected and of no use.
check_useless() {
  for pid in $(connected state established); do
    [ "$pid" != unknown ] || continue
    typed=" $(ps -o args= -p "$pid" 2>/dev/null) "
    case $typed in
    *' -R'* | *RemoteForward* | *ssh_config*) ;;
    *"$key_file"*"$login "*) found no-forward "process $pid is connected and forwards nothing:$typed" ;;
    esac
  done
}

check_binds() {
  awk '/^debug1: Remote: port forwarding refused/ { refused = 1 }
    /^debug1: remote forward (success|failure) for: listen / {
      listen = $7; sub(/,$/, "", listen)
      print listen, $4 == "success" ? "bound" : refused ? "refused" : "taken"
      refused = 0
    }' "$work/log" >"$work/binds"
  while read -r name listen; do
    printed=$(printf '%s' "$listen" | tr -d '[]')
    case $(awk -v listen="$printed" '$1 == listen { print $2; exit }' "$work/binds") in
    bound) passed bind "tunnel $name: bind port ${listen##*:} can be had"; free=yes ;;
    refused) found forward-not-permitted "tunnel $name: the bastion refuses bind port ${listen##*:}" ;;
    taken) check_holder "$name" "$listen" ;;
    *) found connection-lost "tunnel $name: the bastion has not answered; $(tail -n 1 "$work/said")" ;;
    esac
  done <"$work/tunnels"
  [ -z "$free" ] || check_useless
}

# Opens a connection and says nothing, which no data source minds; prints open, closed, or what went wrong.
# The words are for bash, which can do that, as arguments.
# shellcheck disable=SC2016
hold='exec 3<>"/dev/tcp/$1/$2" || exit; echo connected; IFS= read -r -n 1 -t 1 -u 3 byte; [ $? -ne 1 ] || [ -n "$byte" ] || echo closed'

try_source() {
  if command -v bash >/dev/null 2>&1; then
    bash -c "$hold" bash "$1" "$2" >"$work/source" 2>&1 &
  else
    # Without bash it is ssh that connects; whether the data source then closes the connection is not to be told.
    ssh -F /dev/null -v -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=10 -p "$2" "$1" true </dev/null >"$work/source" 2>&1 &
  fi
  try=$!
  # A firewall that drops packets would take minutes.
  (sleep 10 && kill "$try") 2>/dev/null >&2 &
  watch=$!
  wait "$try" 2>/dev/null
  kill "$watch" 2>/dev/null
  cat "$work/source"
}

check_source() {
  case $(try_source "$2" "$3") in
  *closed) found source-closes "tunnel $1: $2 port $3 accepts and closes at once" ;;
  *connected* | *'Connection established'*) passed 'data source' "tunnel $1: $2 port $3 accepts" ;;
  *'not known'* | *'Could not resolve'* | *'failure in name resolution'* | *'No address associated'* | *'nodename nor servname'*)
    found source-name-unknown "tunnel $1: the name $2 does not resolve" ;;
  *'refused'*) found source-refused "tunnel $1: $2 port $3 refuses the connection" ;;
  *) found source-unreachable "tunnel $1: $2 port $3 does not answer" ;;
  esac
}

check_sources() {
  while read -r name listen; do
    destination=$(awk -v listen="$listen" '$1 == listen { print $2; exit }' "$work/forwards")
    check_source "$name" "$(printf '%s' "${destination%:*}" | tr -d '[]')" "${destination##*:}"
  done <"$work/tunnels"
}

format=text steps='' code=0 agent='' free=''
case $# in 0) option='' ;; 1) option=$1 ;; *) option=--help ;; esac
case $option in
'') ;;
--json) format=json ;;
*)
  echo 'doctor.sh: usage: doctor.sh [--json]' >&2
  exit 2
  ;;
esac
cd -- "$(dirname -- "$0")" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

check_openssh
[ -r ./ssh_config ] || found ssh-config-missing "there is no $PWD/ssh_config that can be read"
[ -r ./known_hosts ] || found known-hosts-missing "there is no $PWD/known_hosts that can be read"
check_key
check_forwards
passed files "key $fingerprint, and the kit's settings"
dial
reached '^debug1: Connecting to '
address=$(sed -n 's/^debug1: Connecting to .*\[\(.*\)\] port [0-9]*\..*/\1/p' "$work/log" | tail -n 1)
port_dialled=$(sed -n 's/^port //p' "$work/settings")
case $address in *:*) socket="[$address]:$port_dialled" ;; *) socket="$address:$port_dialled" ;; esac
passed name "{{host}} is $address"
reached '^debug1: Connection established'
passed tcp "$endpoint accepts"
reached '^debug1: Remote protocol version'
passed banner "$(sed -n 's/^debug1: Remote protocol version .*, remote software version //p' "$work/log" | head -n 1)"
reached '^debug1: Host .* is known and matches the .* host key'
passed 'host key' "$(sed -n 's/^debug1: Server host key: //p' "$work/log" | head -n 1), as pinned"
reached '^Authenticated to '
passed login "the bastion takes the key"
[ -z "$authorities" ] || check_extensions
check_frozen
check_binds
check_sources
if [ -z "$agent" ]; then
  finish healthy 'everything works; no tunnel is up from this machine, and nothing keeps it from being opened'
else
  finish healthy "everything works, and the tunnels are up: port taken by a live agent ($agent)"
fi
