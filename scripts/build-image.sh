#!/bin/sh
# Builds the image of a bastion that runs in a pod, with whichever of buildah, podman and docker is there, pushes it,
# and prints what goes into `image`: its name with its digest. Everything else goes to stderr.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=setup/messages.sh
. "$ROOT/scripts/setup/messages.sh"
# shellcheck source=setup/process.sh
. "$ROOT/scripts/setup/process.sh"

usage() {
  cat >&2 <<'END'
usage: sh scripts/build-image.sh [OPTION…] NAME[:TAG]

  --platform PLATFORM[,…]  what it is to run on: linux/amd64, linux/arm64; the default is this machine
  --base IMAGE             what it is built on; the default is debian:13-slim of the day
  --sbom FOLDER            writes reverse-bastion-<platform>.spdx.json into it: what is in the image
  --with PROGRAM           buildah, podman or docker; the default is the first of them that is there
  --no-push                leaves it on this machine, and prints its name
END
  exit 2
}

RECORD='' CONTAINER=''
PLATFORMS='' BASE='' SBOM_FOLDER='' BUILDER='' MUST_PUSH=yes NAME=''
CONTEXT=$ROOT/components/host
CONTAINERFILE=$CONTEXT/container/Containerfile

parse_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
    --platform | --base | --sbom | --with)
      [ -n "${2:-}" ] || usage
      case $1 in
      --platform) PLATFORMS=$2 ;;
      --base) BASE=$2 ;;
      --sbom) SBOM_FOLDER=$2 ;;
      --with) BUILDER=$2 ;;
      esac
      shift
      ;;
    --no-push) MUST_PUSH=no ;;
    -*) usage ;;
    *)
      [ -z "$NAME" ] || usage
      NAME=$1
      ;;
    esac
    shift
  done
  [ -n "$NAME" ] || usage
  case $NAME in
  *@*) fail "$NAME has a digest already; give the name to push to." ;;
  esac
  case $MUST_PUSH,$PLATFORMS in
  no,*,*) fail 'An image for several platforms can only be pushed: a machine keeps the one for itself.' ;;
  esac
}

find_builder() {
  if [ -n "$BUILDER" ]; then
    case $BUILDER in
    buildah | podman | docker) ;;
    *) usage ;;
    esac
    command -v "$BUILDER" >/dev/null 2>&1 || fail "There is no $BUILDER on this machine."
    return 0
  fi
  for BUILDER in buildah podman docker; do
    ! command -v "$BUILDER" >/dev/null 2>&1 || return 0
  done
  fail 'There is nothing here that builds images.' 'Install buildah, podman or docker; on Debian: apt-get install buildah'
}

# build ARGUMENT…: what all three understand, and what the caller adds.
build() {
  set -- --file "$CONTAINERFILE" --build-arg "VERSION=$(version)" --build-arg "REVISION=$(revision)" "$@"
  [ -z "$BASE" ] || set -- --build-arg "BASE=$BASE" "$@"
  [ -z "$PLATFORMS" ] || set -- --platform "$PLATFORMS" "$@"
  say "Building $NAME with $BUILDER"
  case $BUILDER in
  docker) docker buildx build "$@" "$CONTEXT" >&2 ;;
  *) "$BUILDER" build "$@" "$CONTEXT" >&2 ;;
  esac
}

# REFERENCE is the image afterwards, and RECORD a file that says its digest.
build_and_push() {
  case $MUST_PUSH,$BUILDER,$PLATFORMS in
  no,docker,*) build --tag "$NAME" --load ;;
  no,*) build --tag "$NAME" ;;
  yes,docker,*) build --tag "$NAME" --push --provenance mode=max --metadata-file "$RECORD" ;;
  yes,*,*,*)
    # A name that is taken would get one more list of images, beside those of the last time.
    "$BUILDER" manifest rm "$NAME" >/dev/null 2>&1 || :
    build --manifest "$NAME"
    say "Pushing $NAME"
    "$BUILDER" manifest push --all --digestfile "$RECORD" "$NAME" "docker://$NAME" >&2
    ;;
  yes,*)
    build --tag "$NAME"
    say "Pushing $NAME"
    "$BUILDER" push --digestfile "$RECORD" "$NAME" "docker://$NAME" >&2
    ;;
  esac
  REFERENCE=$NAME
  [ "$MUST_PUSH" = no ] || REFERENCE=$(repository)@$(digest)
}

digest() {
  found=$(sed -n -e 's/^.*"containerimage.digest": *"\(sha256:[0-9a-f]*\)".*$/\1/' -e '/^sha256:[0-9a-f]*$/p' "$RECORD")
  [ -n "$found" ] || fail "$BUILDER has pushed $NAME, and does not say its digest."
  printf '%s' "$found"
}

# The name without the tag: a colon that a slash follows is a registry's port.
repository() {
  case ${NAME##*/} in
  *:*) printf '%s' "${NAME%:*}" ;;
  *) printf '%s' "$NAME" ;;
  esac
}

version() {
  sed -n 's/^ *"version": "\(.*\)",$/\1/p' "$ROOT/package.json"
}

revision() {
  git -C "$ROOT" rev-parse HEAD 2>/dev/null || printf unknown
}

write_sboms() {
  mkdir -p "$SBOM_FOLDER"
  for platform in $(printf '%s' "${PLATFORMS:-linux/$(machine)}" | tr , ' '); do
    file=$SBOM_FOLDER/reverse-bastion-$(printf '%s' "$platform" | tr / -).spdx.json
    say "Writing $file"
    list_packages "$platform" <"$CONTEXT/container/sbom.py" >"$file.partial"
    mv "$file.partial" "$file"
  done
}

# list_packages PLATFORM: runs the program on its standard input with the Python of the image.
list_packages() {
  if [ "$BUILDER" = buildah ]; then
    case $PLATFORMS in
    *,*) CONTAINER=$(buildah from --quiet --platform "$1" "$REFERENCE") ;;
    *) CONTAINER=$(buildah from --quiet --pull-never "$NAME") ;;
    esac
    buildah run "$CONTAINER" -- /usr/bin/python3 -I -S - "$REFERENCE"
    remove_container
    return 0
  fi
  "$BUILDER" run --rm --interactive --platform "$1" --entrypoint /usr/bin/python3 "$REFERENCE" -I -S - "$REFERENCE"
}

remove_container() {
  [ -z "$CONTAINER" ] || buildah rm "$CONTAINER" >/dev/null
  CONTAINER=''
}

remove_record() {
  [ -z "$RECORD" ] || rm -f "$RECORD"
}

machine() {
  case $(uname -m) in
  x86_64) printf amd64 ;;
  aarch64 | arm64) printf arm64 ;;
  *) uname -m ;;
  esac
}

parse_arguments "$@"
find_builder
on_exit remove_record
on_exit remove_container
RECORD=$(mktemp)
build_and_push
[ -z "$SBOM_FOLDER" ] || write_sboms
printf '%s\n' "$REFERENCE"
