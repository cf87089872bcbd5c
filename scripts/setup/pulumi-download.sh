# shellcheck shell=sh
# The short way to the CLI: Pulumi's official npm package, which downloads the release at its first run.

PULUMI_PACKAGE=pulumi@3.265.0
# Where that package downloads from.
PULUMI_DOWNLOAD=https://get.pulumi.com/install.sh
# No new byte for so long: the network lets the first request through, but not the release.
DOWNLOAD_STALL_SECONDS=60

# download_pulumi FOLDER: fills FOLDER/bin, or fails and has said why.
download_pulumi() {
  if ! pulumi_download_answers; then
    say 'The download site of the Pulumi CLI cannot be reached from here'
    return 1
  fi
  say "Downloading the Pulumi CLI (npm package $PULUMI_PACKAGE, about a minute)"
  # PULUMI_HOME and TMPDIR keep the release, also a half of it, inside the folder. The version is the
  # package's own, whatever the user's environment says.
  if run_step npm install --prefix "$1/npm" --no-audit --no-fund --loglevel=error "$PULUMI_PACKAGE" &&
    run_step env PULUMI_HOME="$1/home" TMPDIR="$1/tmp" PULUMI_VERSION= \
      node "$ROOT/scripts/setup/run-group.mjs" --stall "$DOWNLOAD_STALL_SECONDS" "$1" \
      node "$1/npm/node_modules/pulumi/run.js" version &&
    mv "$1/home/versions/${PULUMI_PACKAGE#*@}/bin" "$1/bin"; then
    return 0
  fi
  [ -z "$STEP_LOG" ] || tail -n 5 "$STEP_LOG" | sed 's/^/    | /' >&2
  say 'The download of the Pulumi CLI failed'
  return 1
}

# Asked the way the package itself will ask, so that a proxy or a blocked address gives the same answer.
pulumi_download_answers() {
  node --input-type=module --eval '
    const options = { method: "HEAD", signal: AbortSignal.timeout(5000) };
    const answer = await fetch(process.argv[1], options).catch(() => undefined);
    process.exit(answer?.ok ? 0 : 1);
  ' "$PULUMI_DOWNLOAD"
}
