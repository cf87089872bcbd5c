# shellcheck shell=bash
# Completion of `bastion` for bash.

_bastion() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} choices=''
  COMPREPLY=()
  case ${COMP_WORDS[1]} in
    doctor) choices='--identity --json --help' ;;
    status) choices='--watch --interval --operator --identity --json --help' ;;
    init)
      choices='--target --client-cidr --consumer-cidr --tunnel --client --region --zone --location --namespace --image --exposure --host --force --json --help'
      [ "$previous" != --target ] || choices='local aws gcp azure kubernetes'
      [ "$previous" != --exposure ] || choices='load-balancer= node-port= nginx-tcp-services gateway-tcp-route= none'
      ;;
    up | preview) choices='--json --help' ;;
    destroy) choices='--yes --json --help' ;;
    outputs | ports) choices='--json --help' ;;
    kit) choices='--client --customer --out --zip --force --json --help' ;;
    key) choices='--client --consumer --operator --out --recipient --passphrase-file --plain --force --json --help' ;;
    certificate) choices='--client --consumer --ca --public-key --valid-for --serial --out --force --json --help' ;;
    consumer)
      choices='--consumer --format --out --force --json --help'
      [ "$previous" != --format ] || choices='text ssh-config estuary env'
      ;;
    rotate) choices='--client --consumer --operator --host-key --public-key --finish --abandon --force --wait --identity --yes --json --help' ;;
    completion) choices='bash zsh fish --help' ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    choices='init up preview destroy outputs ports kit key certificate consumer status doctor rotate completion help --help --version'
  elif [ "${COMP_WORDS[1]}" = help ]; then
    choices='init up preview destroy outputs ports kit key certificate consumer status doctor rotate completion'
  elif [ "${COMP_WORDS[1]}" = status ]; then
    choices="$(_bastion_stacks) $choices"
  elif [ "$COMP_CWORD" -eq 2 ] && [ "${COMP_WORDS[1]}" != completion ] && [ "${COMP_WORDS[1]}" != init ]; then
    choices="$(_bastion_stacks) $choices"
  fi
  case $previous in
    --out | --passphrase-file | --identity | --ca | --public-key)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      ;;
    --client | --client-cidr | --consumer-cidr | --tunnel | --region | --zone | --location | --namespace | --image | --host | --interval | --consumer | --operator | --customer | --recipient | --valid-for | --serial) ;;
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
