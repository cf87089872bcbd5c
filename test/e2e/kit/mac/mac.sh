#!/bin/sh
# mac.sh FOLDER: a stand-in for a Mac, as far as the kit's installer uses one: `launchctl`, `dscl`, `uname`, and the folders and groups
# that it expects. It is this machine's file system, in namespaces of their own; what is written is in memory, below FOLDER/written.
set -eu
folder=$1
programs=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$folder/root

mount -t tmpfs tmpfs "$folder"
mkdir "$folder/written" "$folder/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/written,workdir=$folder/work" "$root"
mount --rbind /dev "$root/dev"
mount --bind /tmp "$root/tmp"
mount -t proc proc "$root/proc"

mkdir -p "$root/Library/LaunchDaemons" "$root/Library/Application Support" "$root/etc/newsyslog.d" "$root/stand-in"
printf 'wheel:x:0:\nadmin:x:80:\n' >>"$root/etc/group"
install -m 0755 "$programs/dscl.py" "$root/stand-in/dscl"
install -m 0755 "$programs/launchctl.py" "$root/stand-in/launchctl"
install -m 0755 "$programs/launchd.py" "$root/stand-in/launchd"
printf '#!/bin/sh\necho Darwin\n' >"$root/stand-in/uname"
chmod 0755 "$root/stand-in/uname"
exec chroot "$root" /stand-in/launchd
