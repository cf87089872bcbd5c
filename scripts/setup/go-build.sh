# shellcheck shell=sh
# Programs that are built from the Go modules that tools/ pins.

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
      "It needs Go $(oldest_go "$2") or newer; this is $(go version)."
  STEP_DETAIL=''
}

# oldest_go PROGRAM
oldest_go() {
  sed -n 's/^go //p' "$ROOT/tools/$1/go.mod"
}

# `go build -v` names each package once it is compiled.
describe_build() {
  build_lines=$(wc -l <"$STEP_LOG")
  build_downloads=$(grep -c '^go: downloading ' "$STEP_LOG" || :)
  printf '%s' "$build_downloads modules downloaded, $((build_lines - build_downloads)) packages compiled"
}
