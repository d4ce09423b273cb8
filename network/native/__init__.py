"""Fabric's own programs on this machine: found, configured, started, joined to channels."""
