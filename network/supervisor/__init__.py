"""Keeps a network's programs running, independent of whoever started them.

`python -m network.supervisor DIR` is one small process (standard library only) per network. It starts what is wanted,
starts again with back-off what ends by itself, rotates logs and outlives the console. Children write to their log files
themselves, so that they survive the supervisor too: a new one adopts what it finds running. `client` talks to it.
"""
