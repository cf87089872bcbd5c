# shellcheck shell=sh
# The Pulumi CLI with its host for Node.js programs: the user's own if it is recent enough, else one in a
# cache outside the checkout, which the first run fills from Pulumi's download site or, where that cannot be
# reached, from Go modules.

# shellcheck source=pulumi-download.sh
. "$ROOT/scripts/setup/pulumi-download.sh"
# shellcheck source=pulumi-build.sh
. "$ROOT/scripts/setup/pulumi-build.sh"

OLDEST_PULUMI=3.200
PULUMI_DRAFT=''

find_or_obtain_pulumi() {
  ! has_recent_pulumi || return 0
  pulumi_cache=${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-reverse-bastion
  pulumi_folder=$pulumi_cache/pulumi-$(pulumi_cache_key)
  if ! has_complete_pulumi "$pulumi_folder"; then
    mkdir -p "$pulumi_cache"
    with_lock "$pulumi_folder.lock" obtain_pulumi
  fi
  export PATH="$PROJECT_PATH:$pulumi_folder/bin:$SYSTEM_PATH"
}

# The host first, because looking for it runs nothing: the `pulumi` of the npm package is a script that
# would download the CLI when it is asked for its version.
has_recent_pulumi() {
  pulumi_program=$(command -v pulumi 2>/dev/null) || return 1
  pulumi_target=$(readlink -f "$pulumi_program" 2>/dev/null || printf '%s' "$pulumi_program")
  command -v pulumi-language-nodejs >/dev/null 2>&1 ||
    [ -x "$(dirname -- "$pulumi_target")/pulumi-language-nodejs" ] || return 1
  pulumi_version=$(pulumi version 2>/dev/null) || return 1
  version_at_least "${pulumi_version#v}" "$OLDEST_PULUMI"
}

has_complete_pulumi() {
  [ -x "$1/bin/pulumi" ] && [ -x "$1/bin/pulumi-language-nodejs" ]
}

# What decides what is in the folder: the pinned versions, and the machine, as homes can be shared.
pulumi_cache_key() {
  {
    cat "$ROOT"/tools/pulumi/go.??? "$ROOT"/tools/pulumi-language-nodejs/go.???
    printf '%s\n' "$PULUMI_PACKAGE"
    uname -sm
  } | sha256 | cut -c 1-16
}

# Filled beside its place and moved there when complete: a run that was cut off leaves no half of a CLI.
obtain_pulumi() {
  ! has_complete_pulumi "$pulumi_folder" || return 0
  PULUMI_DRAFT=$pulumi_folder.partial
  rm -rf "$PULUMI_DRAFT" "$pulumi_folder"
  on_exit remove_pulumi_draft
  mkdir -p "$PULUMI_DRAFT/tmp"
  download_pulumi "$PULUMI_DRAFT" || build_pulumi "$PULUMI_DRAFT"
  has_complete_pulumi "$PULUMI_DRAFT" || fail "Something is missing of the Pulumi CLI: $(ls "$PULUMI_DRAFT/bin")"
  mkdir "$pulumi_folder"
  mv "$PULUMI_DRAFT/bin" "$pulumi_folder/bin"
  remove_pulumi_draft
}

remove_pulumi_draft() {
  [ -z "$PULUMI_DRAFT" ] || rm -rf "$PULUMI_DRAFT"
}
