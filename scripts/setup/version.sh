# shellcheck shell=sh

# version_at_least VERSION MAJOR.MINOR: no for what is not a version.
version_at_least() (
  major=${1%%.*}
  rest=${1#*.}
  minor=${rest%%.*}
  case $major:$minor in
  :* | *: | *[!0-9:]*) return 1 ;;
  esac
  [ "$major" -gt "${2%%.*}" ] || { [ "$major" -eq "${2%%.*}" ] && [ "$minor" -ge "${2#*.}" ]; }
)
