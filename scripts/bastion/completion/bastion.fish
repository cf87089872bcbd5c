# Completion of `bastion` for fish.

# A stack is named after its customer's file.
function __bastion_stacks
    for file in stacks/customers/*.yaml
        string replace --regex '^.*/(.*)\.yaml$' '$1' -- $file
    end
end

set -l commands init up preview destroy outputs ports kit key certificate consumer doctor completion help

complete -c bastion -f
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a init -d 'Write the file of a new customer'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a up -d 'Deploy or change a bastion'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a preview -d 'Say what up would do'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a destroy -d 'Remove a bastion, with its keys'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a outputs -d 'Host, host keys, tunnels, commands'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a ports -d 'Table of bind ports'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a kit -d 'Write the files by which a customer connects'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a key -d 'Write a private key, encrypted'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a certificate -d 'Sign a short-lived certificate'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a consumer -d 'What the platform\'s services set'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a doctor -d 'What is wrong, and whose side it is on'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a completion -d 'Print the completion script of a shell'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a help -d 'What a command is for'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -l version -d 'Version of this package'
complete -c bastion -l help -d 'What there is'

complete -c bastion -n '__fish_seen_subcommand_from up preview destroy outputs ports kit key certificate consumer doctor' -a '(__bastion_stacks)' -d Stack
complete -c bastion -n '__fish_seen_subcommand_from up preview destroy outputs ports kit key certificate consumer doctor' -l json -d 'Print plain data'
complete -c bastion -n '__fish_seen_subcommand_from init' -l target -x -a 'local aws gcp azure kubernetes' -d 'What the bastion runs on'
complete -c bastion -n '__fish_seen_subcommand_from init' -l client-cidr -x -d 'May reach sshd'
complete -c bastion -n '__fish_seen_subcommand_from init' -l consumer-cidr -x -d 'May reach bind ports'
complete -c bastion -n '__fish_seen_subcommand_from init' -l tunnel -x -d 'name=host:port[@bindPort]'
complete -c bastion -n '__fish_seen_subcommand_from init' -l client -x -d 'name[=publicKeyFile]'
complete -c bastion -n '__fish_seen_subcommand_from init' -l region -x -d 'Region, for aws'
complete -c bastion -n '__fish_seen_subcommand_from init' -l zone -x -d 'Zone, for gcp'
complete -c bastion -n '__fish_seen_subcommand_from init' -l location -x -d 'Location, for azure'
complete -c bastion -n '__fish_seen_subcommand_from init' -l namespace -x -d 'Namespace, for kubernetes'
complete -c bastion -n '__fish_seen_subcommand_from init' -l image -x -d 'Image, for kubernetes'
complete -c bastion -n '__fish_seen_subcommand_from init' -l exposure -x -d 'Way to sshd, for kubernetes'
complete -c bastion -n '__fish_seen_subcommand_from init' -l host -x -d 'What clients dial'
complete -c bastion -n '__fish_seen_subcommand_from init' -l force -d 'Also over a file that is there'
complete -c bastion -n '__fish_seen_subcommand_from init' -l json -d 'Print plain data'
complete -c bastion -n '__fish_seen_subcommand_from destroy' -l yes -d 'Do not ask first'
complete -c bastion -n '__fish_seen_subcommand_from kit' -l client -x -d 'Client whose kit it is'
complete -c bastion -n '__fish_seen_subcommand_from kit' -l customer -x -d 'What the kit calls the customer'
complete -c bastion -n '__fish_seen_subcommand_from kit' -l out -r -F -d 'Folder to write, or file with --zip'
complete -c bastion -n '__fish_seen_subcommand_from kit' -l zip -d 'Write one ZIP archive'
complete -c bastion -n '__fish_seen_subcommand_from kit' -l force -d 'Write also into a folder with other files'
complete -c bastion -n '__fish_seen_subcommand_from key' -l client -x -d 'Client whose key it is'
complete -c bastion -n '__fish_seen_subcommand_from key' -l consumer -x -d 'Consumer whose key it is'
complete -c bastion -n '__fish_seen_subcommand_from key' -l recipient -x -d 'age1… or an SSH public key'
complete -c bastion -n '__fish_seen_subcommand_from key' -l passphrase-file -r -F -d 'File with the passphrase'
complete -c bastion -n '__fish_seen_subcommand_from key' -l plain -d 'Not encrypted'
complete -c bastion -n '__fish_seen_subcommand_from certificate' -l client -x -d 'Client who logs in with it'
complete -c bastion -n '__fish_seen_subcommand_from certificate' -l consumer -x -d 'Consumer who logs in with it'
complete -c bastion -n '__fish_seen_subcommand_from certificate' -l ca -r -F -d 'Key of the authority'
complete -c bastion -n '__fish_seen_subcommand_from certificate' -l public-key -r -F -d 'Public key that is signed'
complete -c bastion -n '__fish_seen_subcommand_from certificate' -l valid-for -x -d 'How long it logs in'
complete -c bastion -n '__fish_seen_subcommand_from certificate' -l serial -x -d 'Its serial number'
complete -c bastion -n '__fish_seen_subcommand_from consumer' -l consumer -x -d 'Only this one'
complete -c bastion -n '__fish_seen_subcommand_from consumer' -l format -x -a 'text ssh-config estuary env' -d 'What it is printed as'
complete -c bastion -n '__fish_seen_subcommand_from key certificate consumer' -l out -r -F -d 'File to write'
complete -c bastion -n '__fish_seen_subcommand_from key certificate consumer' -l force -d 'Overwrite that file'
complete -c bastion -n '__fish_seen_subcommand_from doctor' -l identity -r -F -d 'Private key of a consumer'
complete -c bastion -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
complete -c bastion -n '__fish_seen_subcommand_from help' -a 'init up preview destroy outputs ports kit key certificate consumer doctor completion'
