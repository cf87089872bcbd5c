# shellcheck shell=sh
# The set-up that `npm start`, `npm test`, `npm run pulumi` and `npm run bench` share. The script that
# sources this file has set ROOT, the folder of the project. Says nothing when nothing is missing.

: "${ROOT:?}"
# shellcheck source=messages.sh
. "$ROOT/scripts/setup/messages.sh"
# shellcheck source=process.sh
. "$ROOT/scripts/setup/process.sh"
# shellcheck source=lock.sh
. "$ROOT/scripts/setup/lock.sh"
# shellcheck source=hash.sh
. "$ROOT/scripts/setup/hash.sh"
# shellcheck source=version.sh
. "$ROOT/scripts/setup/version.sh"
# shellcheck source=dependencies.sh
. "$ROOT/scripts/setup/dependencies.sh"
# shellcheck source=build.sh
. "$ROOT/scripts/setup/build.sh"
# shellcheck source=apt.sh
. "$ROOT/scripts/setup/apt.sh"
# shellcheck source=openssh.sh
. "$ROOT/scripts/setup/openssh.sh"
# shellcheck source=pulumi-cli.sh
. "$ROOT/scripts/setup/pulumi-cli.sh"
# shellcheck source=pulumi-environment.sh
. "$ROOT/scripts/setup/pulumi-environment.sh"

# Cheap and likely to fail first: what only the user can install is asked for before the long steps.
set_up() {
  cd "$ROOT" || exit
  make_state_directory
  find_or_install_openssh
  install_dependencies
  build_project
  set_pulumi_environment
  find_or_obtain_pulumi
}

# For what only asks the engine about a stack: nothing is deployed, so neither sshd nor the compiled program is needed.
set_up_engine() {
  cd "$ROOT" || exit
  make_state_directory
  install_dependencies
  set_pulumi_environment
  find_or_obtain_pulumi
}

# Holds the passphrase and the state of the file backend, so it is closed to other users.
make_state_directory() {
  mkdir -p "$ROOT/.state"
  chmod 700 "$ROOT/.state"
}
