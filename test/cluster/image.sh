#!/bin/sh
# image.sh: prints the folder of the bastion's image, unpacked; made where it is missing.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
# shellcheck source=../../scripts/setup/messages.sh
. "$ROOT/scripts/setup/messages.sh"
# shellcheck source=../../scripts/setup/process.sh
. "$ROOT/scripts/setup/process.sh"
# shellcheck source=../../scripts/setup/lock.sh
. "$ROOT/scripts/setup/lock.sh"
# shellcheck source=../../scripts/setup/hash.sh
. "$ROOT/scripts/setup/hash.sh"
# shellcheck source=../../scripts/setup/image-tree.sh
. "$ROOT/scripts/setup/image-tree.sh"

can_make_image_tree ||
  fail 'The image of a bastion is built here by root on Debian only.' 'Its packages: apt-get install buildah mmdebstrap'
find_or_make_image_tree
printf '%s\n' "$IMAGE_TREE"
