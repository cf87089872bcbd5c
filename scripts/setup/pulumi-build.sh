# shellcheck shell=sh
# The long way to the CLI: built from the Go modules that tools/ pins, for machines that reach a Go module
# proxy but not Pulumi's download site.

# shellcheck source=go-build.sh
. "$ROOT/scripts/setup/go-build.sh"

# build_pulumi FOLDER: fills FOLDER/bin, or ends the script.
build_pulumi() {
  command -v go >/dev/null 2>&1 ||
    fail 'The Pulumi CLI is missing, cannot be downloaded, and there is no Go to build it with.' \
      'Install one of the two and run the same command again:' \
      'Pulumi: https://www.pulumi.com/docs/install/' \
      "Go $(oldest_go pulumi) or newer: https://go.dev/doc/install"
  say 'Building the Pulumi CLI from Go modules (about 7 minutes on 2 cores, only this once)'
  pulumi_release=$(sed -n 's|^.*github.com/pulumi/pulumi/pkg/v3 \(v[0-9.]*\).*$|\1|p' \
    "$ROOT/tools/pulumi/go.mod")
  go_build "$1" pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi \
    "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$pulumi_release"
  go_build "$1" pulumi-language-nodejs github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs ''
  copy_dynamic_provider "$1"
  say "Pulumi CLI $pulumi_release is built"
}

# A release has the script that runs dynamic providers beside the CLI.
copy_dynamic_provider() {
  sdk_folder=$(GOWORK=off GOFLAGS='' go -C "$ROOT/tools/pulumi" list -m -f '{{.Dir}}' \
    github.com/pulumi/pulumi/sdk/v3)
  cp "$sdk_folder/nodejs/dist/pulumi-resource-pulumi-nodejs" "$1/bin/"
  chmod 755 "$1/bin/pulumi-resource-pulumi-nodejs"
}
