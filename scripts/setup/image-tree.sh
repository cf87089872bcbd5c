# shellcheck shell=sh
# What a node has of the image once it has pulled it: its root file system as an unpacked folder, and its configuration.
# Made by the real build of the image, on a Debian that comes from this machine's own package sources instead of a
# registry. In a cache outside the checkout, by content; used read-only.

# shellcheck source=root-filesystem.sh
. "$ROOT/scripts/setup/root-filesystem.sh"

IMAGE_RELEASE=trixie
# A tree of programs that have changed since is of no use to anybody after this time.
IMAGE_TREE_DAYS=3
IMAGE_DRAFT=''

can_make_image_tree() {
  [ "$(id -u)" = 0 ] && command -v buildah >/dev/null 2>&1 && command -v mmdebstrap >/dev/null 2>&1
}

# find_or_make_image_tree: its folder is in IMAGE_TREE afterwards. In it are `rootfs`, and what there is to know of the image:
# `image.json`, the paths of all layers in `paths`, and what is installed in `reverse-bastion-<platform>.spdx.json`.
find_or_make_image_tree() {
  image_cache=${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-reverse-bastion
  IMAGE_TREE=$image_cache/image-$(image_tree_cache_key)
  if [ ! -d "$IMAGE_TREE" ]; then
    mkdir -p "$image_cache"
    # One lock for all of them: they share the layers.
    with_lock "$image_cache/image.lock" make_image_tree
  fi
  touch "$IMAGE_TREE"
}

image_tree_cache_key() {
  (
    cd "$ROOT" || exit
    image_base_cache_key
    cat scripts/setup/image-tree.sh scripts/setup/image-tree-build.sh scripts/build-image.sh components/host/container/*
    # The same folders as in the Containerfile.
    for program in components/host/programs/bastion_host/*.py components/host/programs/bastion_pod/*.py \
      components/host/programs/bastion_workloads/*.py; do
      printf '%s\n' "$program"
      cat "$program"
    done
  ) | sha256 | cut -c 1-16
}

# The recipe of the base is its function.
image_base_cache_key() {
  {
    sed -n '/^make_image_base/,/^}/p' "$ROOT/scripts/setup/image-tree.sh"
    uname -m
  } | sha256 | cut -c 1-16
}

make_image_tree() {
  [ ! -d "$IMAGE_TREE" ] || return 0
  find "$image_cache" -maxdepth 1 -name 'image-????????????????' -mtime "+$IMAGE_TREE_DAYS" -exec rm -rf {} +
  IMAGE_DRAFT=$IMAGE_TREE.partial
  rm -rf "$IMAGE_DRAFT"
  on_exit remove_image_draft
  mkdir "$IMAGE_DRAFT"
  image_layers=$image_cache/image-layers-$(image_base_cache_key)
  [ -e "$image_layers/base.tar" ] || make_image_base
  say 'Making the image of a bastion for the test cluster'
  printf '[storage]\ndriver = "%s"\ngraphroot = "%s"\nrunroot = "%s"\n' \
    "$(image_storage_driver)" "$image_layers/storage" "$IMAGE_DRAFT/run" >"$IMAGE_DRAFT/storage.conf"
  # What buildah mounts and does not unmount goes with the namespace. Layers are kept: the packages are most of the work.
  run_step env "CONTAINERS_STORAGE_CONF=$IMAGE_DRAFT/storage.conf" BUILDAH_ISOLATION=chroot BUILDAH_LAYERS=true \
    unshare --mount sh "$ROOT/scripts/setup/image-tree-build.sh" "$image_layers/base.tar" "$IMAGE_DRAFT" ||
    fail_with_log 'Making the image failed, see above.'
  rm -rf "$IMAGE_DRAFT/run" "$IMAGE_DRAFT/storage.conf"
  mv "$IMAGE_DRAFT" "$IMAGE_TREE"
  remove_image_draft
}

# Each layer is a whole copy with vfs, which works everywhere: an overlay cannot lie on another one.
image_storage_driver() (
  cd "$IMAGE_DRAFT" || exit
  mkdir lower upper work merged
  driver=vfs
  if unshare --mount mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged 2>/dev/null; then
    driver=overlay
  fi
  rm -rf lower upper work merged
  printf '%s' "$driver"
)

# As the official image is made: no documentation, no translations, nothing but what is essential, and apt.
make_image_base() {
  say 'Making the base of the image: Debian, without a registry (about a minute, only this once)'
  rm -rf "$image_layers"
  mkdir "$image_layers"
  list_package_sources "$IMAGE_RELEASE" >"$IMAGE_DRAFT/sources.list"
  [ -s "$IMAGE_DRAFT/sources.list" ] || fail 'No source of Debian packages is configured on this machine.'
  run_step mmdebstrap --variant=minbase --format=tar --mode=root \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$IMAGE_RELEASE" "$IMAGE_DRAFT/base.tar" "$IMAGE_DRAFT/sources.list" ||
    fail_with_log 'Making the base of the image failed, see above.'
  mv "$IMAGE_DRAFT/base.tar" "$image_layers/base.tar"
  rm "$IMAGE_DRAFT/sources.list"
}

remove_image_draft() {
  [ -z "$IMAGE_DRAFT" ] || rm -rf "$IMAGE_DRAFT"
}
