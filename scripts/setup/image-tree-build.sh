#!/bin/sh
# image-tree-build.sh BASE FOLDER: builds the image on the root file system in BASE, a tar file, and unpacks it into
# FOLDER. In a mount namespace of its own, with the storage of the environment.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
base=localhost/debian:13-slim
image=localhost/reverse-bastion

if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$1" /
  buildah commit --quiet --rm "$container" "$base"
fi
sh "$ROOT/scripts/build-image.sh" --with buildah --base "$base" --sbom "$2" --no-push "$image"
# What earlier builds have left, and this one does not share.
buildah rmi --prune >/dev/null
container=$(buildah from --pull-never "$image")
cp -a "$(buildah mount "$container")" "$2/rootfs"
buildah rm "$container"
buildah inspect --type image "$image" >"$2/image.json"
# A file that a later layer removes is still in the image.
buildah push --quiet --disable-compression "$image" "dir:$2/layers"
find "$2/layers" -type f -size +2k -exec tar -tf {} \; >"$2/paths" 2>/dev/null
rm -rf "$2/layers"
