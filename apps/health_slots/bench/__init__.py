"""`citychain bench slots`: a city's day of slots on a network of its own, a storm, and a search over ten million.

`bench portals` and `bench schedules`: clients of portals at the FHIR interface, and a hospital's large files.
"""

from apps.health_slots.bench.command import command, portals, schedules

__all__ = ["command", "portals", "schedules"]
