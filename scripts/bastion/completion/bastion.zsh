#compdef bastion
# Completion of `bastion` for zsh.

_bastion() {
  local -a commands
  commands=(
    'init:write the file of a new customer'
    'up:deploy or change a bastion'
    'preview:say what up would do'
    'destroy:remove a bastion, with its keys'
    'outputs:host, host keys, tunnels, and the command of each client and consumer'
    'ports:table of bind ports'
    'kit:write the files by which a customer connects'
    'key:write the private key of a client, consumer or operator, encrypted'
    'certificate:sign a short-lived certificate for a client or consumer'
    "consumer:what the platform's services set to reach the tunnels"
    'status:which tunnels are up, since when, and who holds them'
    'doctor:find out what is wrong, and whose side it is on'
    'rotate:change the key of a client, consumer or operator, or the host keys'
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
    init)
      _arguments '1:name: ' \
        '--target[what the bastion runs on]:target:(local aws gcp azure kubernetes)' \
        '*--client-cidr[CIDR block that may reach sshd]:block: ' \
        '*--consumer-cidr[CIDR block that may reach bind ports]:block: ' \
        '*--tunnel[name=host\:port\[@bindPort\]]:tunnel: ' \
        '*--client[name\[=publicKeyFile\]]:client: ' \
        '--region[region, for aws]:region: ' \
        '--zone[zone, for gcp]:zone: ' \
        '--location[location, for azure]:location: ' \
        '--namespace[namespace, for kubernetes]:namespace: ' \
        '--image[image, for kubernetes]:image: ' \
        '--exposure[way to sshd, for kubernetes]:exposure: ' \
        '--host[name or address that clients dial]:host: ' \
        '--force[also over a file that is there]' \
        '--json[print what was written as plain data]' \
        '--help[what there is]'
      ;;
    up | preview)
      _arguments '1:stack:_bastion_stacks' '--json[print plain data]' '--help[what there is]'
      ;;
    destroy)
      _arguments '1:stack:_bastion_stacks' '--yes[do not ask first]' '--json[print plain data]' '--help[what there is]'
      ;;
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
    key)
      _arguments '1:stack:_bastion_stacks' \
        '--client[client whose key it is]:client: ' \
        '--consumer[consumer whose key it is]:consumer: ' \
        '--operator[operator whose key it is]:operator: ' \
        '--out[file to write]:file:_files' \
        '*--recipient[age1… or an SSH public key]:recipient: ' \
        '--passphrase-file[file whose only line is the passphrase]:file:_files' \
        '--plain[not encrypted]' \
        '--force[overwrite the file that is there]' \
        '--json[print what was written as plain data]' \
        '--help[what there is]'
      ;;
    certificate)
      _arguments '1:stack:_bastion_stacks' \
        '--client[client who logs in with it]:client: ' \
        '--consumer[consumer who logs in with it]:consumer: ' \
        '--ca[key of the authority]:file:_files' \
        '--public-key[public key that is signed]:file:_files' \
        '--valid-for[how long it logs in: 90m, 8h, 1d]:time: ' \
        '--serial[its serial number]:number: ' \
        '--out[file to write]:file:_files' \
        '--force[overwrite a file that is no certificate]' \
        '--json[print what was signed as plain data]' \
        '--help[what there is]'
      ;;
    consumer)
      _arguments '1:stack:_bastion_stacks' \
        '--consumer[only this one]:consumer: ' \
        '--format[what it is printed as]:format:(text ssh-config estuary env)' \
        '--out[file to write; with estuary, the private key is put in]:file:_files' \
        '--force[overwrite that file]' \
        '--json[print plain data]' \
        '--help[what there is]'
      ;;
    status)
      _arguments '*:stack:_bastion_stacks' \
        '--watch[go on until Ctrl-C]' \
        '--interval[seconds between two looks]:seconds: ' \
        '--operator[operator whose generated key is used]:operator: ' \
        '--identity[private key of an operator]:file:_files' \
        '--json[print plain data]' \
        '--help[what there is]'
      ;;
    doctor)
      _arguments '1:stack:_bastion_stacks' \
        '--identity[private key of a consumer, for tunnels on loopback]:file:_files' \
        '--json[print what was found as plain data]' \
        '--help[what there is]'
      ;;
    rotate)
      _arguments '1:stack:_bastion_stacks' \
        '--client[client whose key is changed]:client: ' \
        '--consumer[consumer whose key is changed]:consumer: ' \
        '--operator[operator whose key is changed]:operator: ' \
        '--host-key[change the host keys]' \
        '--public-key[.pub file of the new key]:file:_files' \
        '--finish[drop the old key]' \
        '--abandon[drop the new key]' \
        '--force[also while the key that goes is in use]' \
        '--wait[wait until it can be finished, and finish it]' \
        '--identity[private key of an operator]:file:_files' \
        '--yes[do not ask first]' \
        '--json[print how far it is as plain data]' \
        '--help[what there is]'
      ;;
    completion) _arguments '1:shell:(bash zsh fish)' '--help[what there is]' ;;
    help) _arguments '1:command:(init up preview destroy outputs ports kit key certificate consumer status doctor rotate completion)' ;;
  esac
}

# A stack is named after its customer's file.
_bastion_stacks() {
  local -a stacks
  stacks=(stacks/customers/*.yaml(N:t:r))
  compadd -a stacks
}

compdef _bastion bastion
