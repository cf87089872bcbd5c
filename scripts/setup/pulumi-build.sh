# shellcheck shell=sh
# The long way to the CLI: built from the Go modules that tools/ pins, for machines that reach a Go module
# proxy but not Pulumi's download site.

# build_pulumi FOLDER: fills FOLDER/bin, or ends the script.
build_pulumi() {
  command -v go >/dev/null 2>&1 ||
    fail 'The Pulumi CLI is missing, cannot be downloaded, and there is no Go to build it with.' \
      'Install one of the two and run the same command again:' \
      'Pulumi: https://www.pulumi.com/docs/install/' \
      "Go $(oldest_go) or newer: https://go.dev/doc/install"
  say 'Building the Pulumi CLI from Go modules (about 7 minutes on 2 cores, only this once)'
  pulumi_release=$(sed -n 's|^.*github.com/pulumi/pulumi/pkg/v3 \(v[0-9.]*\).*$|\1|p' \
    "$ROOT/tools/pulumi/go.mod")
  go_build "$1" pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi \
    "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$pulumi_release"
  go_build "$1" pulumi-language-nodejs github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs ''
  copy_dynamic_provider "$1"
  say "Pulumi CLI $pulumi_release is built"
}

# go_build FOLDER PROGRAM PACKAGE LINKER-FLAGS
# Without cgo it needs no C compiler. No workspace and no flags of the user's: the pinned versions count.
# In a process group of its own: an interruption ends the compilers too, not only `go`.
# shellcheck disable=SC2034 # STEP_DETAIL is for the heartbeat
go_build() {
  STEP_DETAIL=describe_build
  run_step env CGO_ENABLED=0 GOWORK=off GOFLAGS= GOTMPDIR="$1/tmp" \
    node "$ROOT/scripts/setup/run-group.mjs" \
    go -C "$ROOT/tools/$2" build -v -mod=readonly -trimpath -ldflags "-s -w $4" -o "$1/bin/$2" "$3" ||
    fail_with_log "Building $2 failed, see above." \
      "It needs Go $(oldest_go) or newer; this is $(go version)."
  STEP_DETAIL=''
}

oldest_go() {
  sed -n 's/^go //p' "$ROOT/tools/pulumi/go.mod"
}

# `go build -v` names each package once it is compiled.
describe_build() {
  build_lines=$(wc -l <"$STEP_LOG")
  build_downloads=$(grep -c '^go: downloading ' "$STEP_LOG" || :)
  printf '%s' "$build_downloads modules downloaded, $((build_lines - build_downloads)) packages compiled"
}

# A release has the script that runs dynamic providers beside the CLI.
copy_dynamic_provider() {
  sdk_folder=$(GOWORK=off GOFLAGS='' go -C "$ROOT/tools/pulumi" list -m -f '{{.Dir}}' \
    github.com/pulumi/pulumi/sdk/v3)
  cp "$sdk_folder/nodejs/dist/pulumi-resource-pulumi-nodejs" "$1/bin/"
  chmod 755 "$1/bin/pulumi-resource-pulumi-nodejs"
}
