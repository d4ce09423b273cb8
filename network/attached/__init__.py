"""Somebody's existing Fabric network: a connection profile and an identity are all that is needed."""
