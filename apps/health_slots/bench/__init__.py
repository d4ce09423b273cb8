"""`citychain bench slots`: a city's day of slots on a network of its own, a storm, and a search over ten million."""

from apps.health_slots.bench.command import command, portals

__all__ = ["command", "portals"]
