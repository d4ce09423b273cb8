"""What labs look at, by subject; importing this declares all of it."""

from apps.labs.checks import answers, applications, contracts, networks, people, safekeeping

__all__ = ["answers", "applications", "contracts", "networks", "people", "safekeeping"]
