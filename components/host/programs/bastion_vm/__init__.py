"""What makes a cloud's stock image a bastion, and keeps it up to date.

`bootstrap` comes with the user data or startup script, together with the two modules it imports,
and starts `sync`, which comes from the cloud's store with everything else. Both run as root, and
reach nothing but the store; what faces the network is `bastion_host`. Standard library only.
"""
