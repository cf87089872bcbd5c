# shellcheck shell=sh
# OpenSSH's server and client, and Python for the programs that run beside sshd on a bastion.

# Where systems keep sshd although a user's PATH does not name the folder.
SERVER_FOLDERS=/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin
NEW_SSHD=no

find_or_install_openssh() {
  missing_programs=$(list_missing_openssh)
  [ -z "$missing_programs" ] || install_openssh
  if can_install_packages; then
    make_privilege_separation_folder
  fi
}

install_openssh() {
  can_install_packages || fail_without_openssh
  case " $missing_programs " in
  *' sshd '*)
    NEW_SSHD=yes
    on_exit keep_system_sshd_off
    ;;
  esac
  # shellcheck disable=SC2046 # one word for each package
  install_packages $(debian_packages_of_missing)
  keep_system_sshd_off
  missing_programs=$(list_missing_openssh)
  [ -z "$missing_programs" ] || fail "Still missing after the installation: $missing_programs."
}

list_missing_openssh() (
  missing=''
  PATH=$PATH:$SERVER_FOLDERS
  for program in sshd ssh ssh-keygen; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
  done
  has_python || missing="$missing python3"
  printf '%s' "${missing# }"
)

debian_packages_of_missing() {
  for program in $missing_programs; do
    case $program in
    sshd) echo openssh-server ;;
    python3) echo python3 ;;
    *) echo openssh-client ;;
    esac
  done | sort -u
}

# macOS has a /usr/bin/python3 that only offers to install the real one.
has_python() {
  python_program=$(command -v python3) || return 1
  [ "$python_program" != /usr/bin/python3 ] || [ "$(uname -s)" != Darwin ] ||
    xcode-select -p >/dev/null 2>&1
}

# The package was not to start its server now; it would still do so at the next boot.
keep_system_sshd_off() {
  [ "$NEW_SSHD" = yes ] || return 0
  NEW_SSHD=no
  if command -v systemctl >/dev/null 2>&1; then
    systemctl disable --quiet ssh.service ssh.socket >/dev/null 2>&1 || :
  elif command -v update-rc.d >/dev/null 2>&1; then
    update-rc.d ssh disable >/dev/null 2>&1 || :
  fi
  note "The SSH service of this machine stays off (to turn it on: systemctl enable --now ssh)."
}

# Debian's sshd, run by root, refuses to work without this folder, which only its service makes at a start.
make_privilege_separation_folder() {
  [ -d /run/sshd ] || mkdir -m 755 /run/sshd 2>/dev/null || [ -d /run/sshd ]
}

fail_without_openssh() {
  fail "Missing on this machine: $missing_programs." "Install with: $(openssh_install_command)" \
    'and run the same command again.'
}

openssh_install_command() (
  sudo='sudo '
  [ "$(id -u)" != 0 ] || sudo=''
  ID=''
  ID_LIKE=''
  # shellcheck source=/dev/null
  [ ! -r /etc/os-release ] || . /etc/os-release
  case "$(uname -s) $ID $ID_LIKE " in
  Darwin*) echo 'xcode-select --install    (python3; ssh and sshd come with macOS)' ;;
  *' debian '* | *' ubuntu '*) echo "${sudo}apt-get install openssh-server openssh-client python3" ;;
  *' fedora '* | *' rhel '*) echo "${sudo}dnf install openssh-server openssh-clients python3" ;;
  *' alpine '*) echo "${sudo}apk add openssh python3" ;;
  *' arch '*) echo "${sudo}pacman -S openssh python" ;;
  *' suse '*) echo "${sudo}zypper install openssh python3" ;;
  *) echo "your system's package manager: OpenSSH (server and client) and Python 3" ;;
  esac
)
