#!/bin/sh
# Written by pulumi-reverse-bastion. Runs as root at every boot, and changes nothing that is as it should be.
# Holds neither keys nor secrets; what may change comes from the machine's metadata.
set -eu
umask 022
# Another root is for looking at what this does.
root=${DESTDIR:-}
unit=@unit@
changed=

# Takes a file from standard input, compressed and in base64. It is there whole or not at all.
install_file() {
	target=$root$1
	mkdir -p "${target%/*}"
	base64 -d | gzip -d >"$target.new"
	if cmp -s "$target.new" "$target"; then
		rm "$target.new"
	else
		sync "$target.new"
		mv -f "$target.new" "$target"
		changed=yes
	fi
}

@files@

if [ -n "$changed" ]; then
	systemctl daemon-reload
	systemctl enable "$unit"
	systemctl restart --no-block "$unit"
else
	systemctl enable --now --no-block "$unit"
fi
