"""Branches: the chain of a network on Fabric, up to a block, as an embedded network for trying things out."""
