"""Proofs that stand without the network: checked offline with the standard library and `cryptography` alone.

The channel card pins a channel from outside; its configuration, roles and policies come out of its own signed blocks;
what no block says (was a transaction accepted, is a list complete) comes from answers that peers signed. Verifiers of
one file are bundled from these modules (`fabric_sdk.proof.bundle`), which therefore import nothing else and
run on Python 3.9.
"""
