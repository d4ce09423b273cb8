"""Who is invited when a network of 号源链 is tried from desks of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.health_slots.cast import cast_of
from apps.health_slots.roles import AUTHORITY, HOSPITAL_STAFF
from baas.roles import ROLE_TITLES
from baas.services.cast import Played

if TYPE_CHECKING:
    from network.topology import TopologySpec


def people(manifest: Any, spec: TopologySpec) -> list[Played]:
    """Two at the hospital, so that one goes on where the other stopped, and the authority."""
    del manifest
    cast, staff = cast_of(spec), ROLE_TITLES[HOSPITAL_STAFF]
    attributes = cast.attributes("staff")
    found = [Played(f"{cast.msp_of('staff')}/nurse{n}", HOSPITAL_STAFF, staff, attributes) for n in ("1", "2")]
    attributes = cast.attributes("authority")
    return [*found, Played(f"{cast.authority}/authority", AUTHORITY, ROLE_TITLES[AUTHORITY], attributes)]
