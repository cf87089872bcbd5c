# shellcheck shell=bash
# Completion of `bastion` for bash.

_bastion() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} choices=''
  COMPREPLY=()
  case ${COMP_WORDS[1]} in
    outputs | ports) choices='--json --help' ;;
    kit) choices='--client --customer --out --zip --force --json --help' ;;
    completion) choices='bash zsh fish --help' ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    choices='outputs ports kit completion help --help --version'
  elif [ "${COMP_WORDS[1]}" = help ]; then
    choices='outputs ports kit completion'
  elif [ "$COMP_CWORD" -eq 2 ] && [ "${COMP_WORDS[1]}" != completion ]; then
    choices="$(_bastion_stacks) $choices"
  fi
  case $previous in
    --out)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      ;;
    --client | --customer) ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word") ;;
  esac
}

# A stack is named after its customer's file.
_bastion_stacks() {
  local file
  for file in stacks/customers/*.yaml; do
    [ -e "$file" ] || continue
    file=${file##*/}
    printf '%s\n' "${file%.yaml}"
  done
}

complete -F _bastion bastion
