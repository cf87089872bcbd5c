# shellcheck shell=sh
# The control plane of the test clusters: etcd, kube-apiserver and kube-controller-manager, built from the Go modules
# that tools/ pins, in a cache outside the checkout.

# shellcheck source=go-build.sh
. "$ROOT/scripts/setup/go-build.sh"

KUBERNETES_PROGRAMS='etcd kube-apiserver kube-controller-manager'
KUBERNETES_DRAFT=''

can_build_kubernetes() {
  command -v go >/dev/null 2>&1 && command -v node >/dev/null 2>&1
}

# find_kubernetes: whether the programs are there; in either case their place is in KUBERNETES_FOLDER afterwards.
find_kubernetes() {
  kubernetes_cache=${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-reverse-bastion
  KUBERNETES_FOLDER=$kubernetes_cache/kubernetes-$(kubernetes_cache_key)
  has_complete_kubernetes "$KUBERNETES_FOLDER"
}

find_or_build_kubernetes() {
  ! find_kubernetes || return 0
  mkdir -p "$kubernetes_cache"
  with_lock "$KUBERNETES_FOLDER.lock" build_kubernetes
}

has_complete_kubernetes() {
  for kubernetes_program in $KUBERNETES_PROGRAMS; do
    [ -x "$1/bin/$kubernetes_program" ] || return 1
  done
}

# The pinned versions, and the machine, as homes can be shared.
kubernetes_cache_key() {
  {
    for kubernetes_program in $KUBERNETES_PROGRAMS; do
      cat "$ROOT/tools/$kubernetes_program"/go.???
    done
    uname -sm
  } | sha256 | cut -c 1-16
}

# Filled beside its place and moved there when complete: a run that was cut off leaves no half of a control plane.
build_kubernetes() {
  ! has_complete_kubernetes "$KUBERNETES_FOLDER" || return 0
  can_build_kubernetes ||
    fail 'The control plane of the test clusters is missing, and there is no Go to build it with.' \
      "Install Go $(sed -n 's/^go //p' "$ROOT/tools/kube-apiserver/go.mod") or newer and run the same command again:" \
      'https://go.dev/doc/install'
  KUBERNETES_DRAFT=$KUBERNETES_FOLDER.partial
  rm -rf "$KUBERNETES_DRAFT" "$KUBERNETES_FOLDER"
  on_exit remove_kubernetes_draft
  mkdir -p "$KUBERNETES_DRAFT/tmp"
  say 'Building the control plane of the test clusters from Go modules (about 10 minutes on 2 cores, only this once)'
  say '1 of 3: etcd'
  go_build "$KUBERNETES_DRAFT" etcd go.etcd.io/etcd/server/v3 ''
  say '2 of 3: kube-apiserver'
  go_build "$KUBERNETES_DRAFT" kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver \
    "$(kubernetes_version_flags kube-apiserver)"
  say '3 of 3: kube-controller-manager'
  go_build "$KUBERNETES_DRAFT" kube-controller-manager k8s.io/kubernetes/cmd/kube-controller-manager \
    "$(kubernetes_version_flags kube-controller-manager)"
  mkdir "$KUBERNETES_FOLDER"
  mv "$KUBERNETES_DRAFT/bin" "$KUBERNETES_FOLDER/bin"
  remove_kubernetes_draft
  say 'The control plane of the test clusters is built'
}

# kubernetes_version_flags PROGRAM: what a release's build says about its version, which clients ask the server for.
kubernetes_version_flags() (
  release=$(sed -n 's|^.*k8s.io/kubernetes v\([0-9.]*\).*$|\1|p' "$ROOT/tools/$1/go.mod")
  minor=${release#*.}
  flag='-X k8s.io/component-base/version'
  printf '%s' "$flag.gitVersion=v$release $flag.gitMajor=${release%%.*} $flag.gitMinor=${minor%%.*} $flag.gitTreeState=clean"
)

remove_kubernetes_draft() {
  [ -z "$KUBERNETES_DRAFT" ] || rm -rf "$KUBERNETES_DRAFT"
}
