# shellcheck shell=sh
# What only the tests need: a real PostgreSQL server as data source, `ip` for network namespaces, the shell linter, age,
# promtool, what boots the machines of the stand-in clouds, a cluster with its node, what reads container files as Docker does, and
# a browser to look at pages with. Elsewhere than on Debian as root, the tests that lack one are skipped, and say so.

# shellcheck source=root-filesystem.sh
. "$ROOT/scripts/setup/root-filesystem.sh"
# shellcheck source=kubernetes.sh
. "$ROOT/scripts/setup/kubernetes.sh"
# shellcheck source=container-check.sh
. "$ROOT/scripts/setup/container-check.sh"
# shellcheck source=promtool.sh
. "$ROOT/scripts/setup/promtool.sh"

CLUSTER_SETTING=/etc/postgresql-common/createcluster.d/pulumi-reverse-bastion.conf

install_test_tools() {
  install_test_packages
  ! can_make_root_filesystem || find_or_make_root_filesystem trixie
  ! can_build_kubernetes || find_or_build_kubernetes
  ! can_build_container_check || find_or_build_container_check
  ! can_obtain_promtool || find_or_obtain_promtool
}

install_test_packages() {
  missing_packages=$(list_missing_test_packages)
  [ -n "$missing_packages" ] || return 0
  if ! can_install_packages; then
    say "Not on this machine, so some tests are skipped (Debian's names): $missing_packages"
    return 0
  fi
  case " $missing_packages " in
  *' postgresql '*) forbid_database_cluster ;;
  esac
  case " $missing_packages " in
  *' cloud-init '*) forbid_cloud_init ;;
  esac
  # shellcheck disable=SC2086 # one word for each package
  install_packages $missing_packages
  allow_database_cluster
}

list_missing_test_packages() (
  missing=''
  has_postgres || missing="$missing postgresql"
  # A user's PATH may not name the folder of `ip`.
  PATH=$PATH:/usr/sbin:/sbin
  command -v ip >/dev/null 2>&1 || missing="$missing iproute2"
  command -v shellcheck >/dev/null 2>&1 || missing="$missing shellcheck"
  command -v mmdebstrap >/dev/null 2>&1 || missing="$missing mmdebstrap"
  command -v systemd-nspawn >/dev/null 2>&1 || missing="$missing systemd-container"
  command -v buildah >/dev/null 2>&1 || missing="$missing buildah"
  command -v autossh >/dev/null 2>&1 || missing="$missing autossh"
  command -v age >/dev/null 2>&1 || missing="$missing age"
  command -v nft >/dev/null 2>&1 || missing="$missing nftables"
  command -v cloud-init >/dev/null 2>&1 || missing="$missing cloud-init"
  has_browser || is_ubuntu || missing="$missing chromium"
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing="$missing debian-archive-keyring"
  printf '%s' "${missing# }"
)

# Debian keeps the server's programs out of PATH, in one folder for each version.
has_postgres() {
  if command -v postgres >/dev/null 2>&1 && command -v initdb >/dev/null 2>&1; then
    return 0
  fi
  for postgres_folder in /usr/lib/postgresql/*/bin; do
    [ ! -x "$postgres_folder/postgres" ] || [ ! -x "$postgres_folder/initdb" ] || return 0
  done
  return 1
}

has_browser() {
  for browser in chromium google-chrome google-chrome-stable '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'; do
    ! command -v "$browser" >/dev/null 2>&1 || return 0
  done
  return 1
}

# Ubuntu has no package of Chromium, only a snap.
is_ubuntu() {
  grep -qs '^ID=ubuntu$' /etc/os-release
}

# Debian's package makes a database cluster that starts with the machine, unless it is told not to.
forbid_database_cluster() {
  on_exit allow_database_cluster
  mkdir -p "$(dirname -- "$CLUSTER_SETTING")"
  printf 'create_main_cluster = false\n' >"$CLUSTER_SETTING"
}

allow_database_cluster() {
  [ ! -e "$CLUSTER_SETTING" ] || rm -f "$CLUSTER_SETTING"
  rmdir "$(dirname -- "$CLUSTER_SETTING")" 2>/dev/null || :
}

# It is here to check what machines are given; at its next start, it would set this machine up anew.
forbid_cloud_init() {
  mkdir -p /etc/cloud
  : >/etc/cloud/cloud-init.disabled
}
