#compdef bastion
# Completion of `bastion` for zsh.

_bastion() {
  local -a commands
  commands=(
    'outputs:host, host keys, tunnels, and the command of each client and consumer'
    'ports:table of bind ports'
    'kit:write the files by which a customer connects'
    'completion:print the completion script of a shell'
    'help:what a command is for'
  )
  if ((CURRENT == 2)); then
    _describe command commands
    _values -w option '--help[what there is]' '--version[version of this package]'
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
    outputs | ports)
      _arguments '1:stack:_bastion_stacks' '--json[print plain data]' '--help[what there is]'
      ;;
    kit)
      _arguments '1:stack:_bastion_stacks' \
        '--client[client whose kit it is]:client: ' \
        '--customer[what the kit calls the customer]:customer: ' \
        '--out[folder to write, or file with --zip]:path:_files' \
        '--zip[write one ZIP archive]' \
        '--force[write also into a folder with other files]' \
        '--json[print what was written as plain data]' \
        '--help[what there is]'
      ;;
    completion) _arguments '1:shell:(bash zsh fish)' '--help[what there is]' ;;
    help) _arguments '1:command:(outputs ports kit completion)' ;;
  esac
}

# A stack is named after its customer's file.
_bastion_stacks() {
  local -a stacks
  stacks=(stacks/customers/*.yaml(N:t:r))
  compadd -a stacks
}

compdef _bastion bastion
