# shellcheck shell=sh

# sha256: the hash of stdin, in hex. GNU systems and macOS name the program differently.
sha256() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum | cut -d ' ' -f 1
  else
    shasum -a 256 | cut -d ' ' -f 1
  fi
}
