"""What a licence covers, and when two licences get into each other's way."""

from __future__ import annotations

from chaincode.copyright.roles import ORDINARY
from fabric_sdk.kinds import Record


def rights_overlap(one: list[str], other: list[str]) -> bool:
    return one == ["all"] or other == ["all"] or bool(set(one) & set(other))


def rights_within(inner: list[str], outer: list[str]) -> bool:
    return outer == ["all"] or (inner != ["all"] and set(inner) <= set(outer))


def territory_within(inner: str, outer: str) -> bool:
    """CN-GD lies within CN, everything within WORLD."""
    return outer in ("WORLD", inner) or inner.startswith(outer + "-")


def territories_overlap(one: str, other: str) -> bool:
    return territory_within(one, other) or territory_within(other, one)


def periods_overlap(one: Record, other: Record) -> bool:
    """Both ends of a period count."""
    return bool(one["from"] <= other["until"] and other["from"] <= one["until"])


def overlap(one: Record, other: Record) -> bool:
    """True if two licences cover some right in some place on some day alike."""
    return (
        rights_overlap(one["rights"], other["rights"])
        and territories_overlap(one["territory"], other["territory"])
        and periods_overlap(one, other)
    )


def beyond(inner: Record, outer: Record) -> str:
    """The field in which `inner` grants something that `outer` does not, "" if there is none."""
    fields = {
        "rights": rights_within(inner["rights"], outer["rights"]),
        "territory": territory_within(inner["territory"], outer["territory"]),
        "from": outer["from"] <= inner["from"],
        "until": inner["until"] <= outer["until"],
    }
    return next((name for name, within in fields.items() if not within), "")


def conflict(new: Record, existing: list[Record]) -> Record | None:
    """The first licence in force that `new` cannot stand beside, None if there is none.

    Exclusive (专有) and sole (排他) licences suffer no other licensee; an ordinary licence only suffers ordinary
    ones. A sublicence does not conflict with the licence it comes from.
    """
    for other in existing:
        if other["id"] in (new.get("id"), new.get("parent")) or not overlap(new, other):
            continue
        if new["kind"] != ORDINARY or other["kind"] != ORDINARY:
            if new.get("parent") and other.get("parent") != new.get("parent"):
                continue  # licences beside the parent were weighed when the parent was granted
            return other
    return None
