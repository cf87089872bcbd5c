"""The way into workload pods: users' public keys are discovered in the pods they belong to.

A pod gives access to itself alone: a key may be forwarded to exactly those pods that carry it.
Two of the modules are entry points: `keys_command` (started by sshd for every key that is offered
to the jump user) and `refresh` (started by a person). Both run as the one user of the container,
and only in the image. Standard library only.
"""
