# Completion of `bastion` for fish.

# A stack is named after its customer's file.
function __bastion_stacks
    for file in stacks/customers/*.yaml
        string replace --regex '^.*/(.*)\.yaml$' '$1' -- $file
    end
end

set -l commands outputs ports kit completion help

complete -c bastion -f
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a outputs -d 'Host, host keys, tunnels, commands'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a ports -d 'Table of bind ports'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a kit -d 'Write the files by which a customer connects'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a completion -d 'Print the completion script of a shell'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -a help -d 'What a command is for'
complete -c bastion -n "not __fish_seen_subcommand_from $commands" -l version -d 'Version of this package'
complete -c bastion -l help -d 'What there is'

complete -c bastion -n '__fish_seen_subcommand_from outputs ports kit' -a '(__bastion_stacks)' -d Stack
complete -c bastion -n '__fish_seen_subcommand_from outputs ports kit' -l json -d 'Print plain data'
complete -c bastion -n '__fish_seen_subcommand_from kit' -l client -x -d 'Client whose kit it is'
complete -c bastion -n '__fish_seen_subcommand_from kit' -l customer -x -d 'What the kit calls the customer'
complete -c bastion -n '__fish_seen_subcommand_from kit' -l out -r -F -d 'Folder to write, or file with --zip'
complete -c bastion -n '__fish_seen_subcommand_from kit' -l zip -d 'Write one ZIP archive'
complete -c bastion -n '__fish_seen_subcommand_from kit' -l force -d 'Write also into a folder with other files'
complete -c bastion -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
complete -c bastion -n '__fish_seen_subcommand_from help' -a 'outputs ports kit completion'
