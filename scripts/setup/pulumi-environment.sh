# shellcheck shell=sh
# The environment of the Pulumi CLI: what makes `up` work without an account and without a question.
# Whatever the user has set stays.

set_pulumi_environment() {
  # The project says which CLI is used; a hint to update it would only confuse, and asks the network.
  export PULUMI_SKIP_UPDATE_CHECK=true

  if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}" ] && [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE+set}" ]; then
    make_passphrase_file
    export PULUMI_CONFIG_PASSPHRASE_FILE="$ROOT/.state/passphrase"
  fi

  if ! user_has_backend; then
    export PULUMI_BACKEND_URL="file://$ROOT/.state"
  fi
}

# Somebody who has logged in (`pulumi login`), named a backend or brings a token for Pulumi Cloud keeps it.
user_has_backend() {
  [ -z "${PULUMI_BACKEND_URL:-}" ] && [ -z "${PULUMI_ACCESS_TOKEN:-}" ] || return 0
  pulumi_credentials=${PULUMI_CREDENTIALS_PATH:-${PULUMI_HOME:-$HOME/.pulumi}}/credentials.json
  grep -Eqs '"current"[[:space:]]*:[[:space:]]*"[^"]' "$pulumi_credentials"
}

# The secrets of every stack depend on this file, so it is never overwritten: a hard link to the finished
# file either appears whole or, where another run was first, not at all.
make_passphrase_file() {
  [ ! -e "$ROOT/.state/passphrase" ] || return 0
  passphrase_draft=$(umask 077 && mktemp "$ROOT/.state/passphrase.XXXXXX")
  head -c 32 /dev/urandom | base64 >"$passphrase_draft"
  ln "$passphrase_draft" "$ROOT/.state/passphrase" 2>/dev/null || :
  rm -f "$passphrase_draft"
  [ -s "$ROOT/.state/passphrase" ] || fail "Cannot create $ROOT/.state/passphrase."
}
