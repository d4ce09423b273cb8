"""`python -m baas.cli` is `citychain`."""

from baas.cli import main

main()
