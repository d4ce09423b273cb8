"""A directory of people: who has signed on a channel, by their certificates, with role and organisation.

Nobody keeps a list of names; the blocks are one. Somebody who never signed is not in it, and a name typed by hand that
is not in it is said, for what is offered to it is offered to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from baas.roles import ROLE_ATTRIBUTE, Role, parse_roles
from baas.services.explorer.model import IdentityRow
from network.errors import CityChainError
from network.persons import person_of


@dataclass(frozen=True)
class Signer:
    """Somebody who signed: `party` as ledgers name them, their newest certificate's roles, and where they stand."""

    party: str
    msp_id: str
    roles: frozenset[Role]
    unit: str
    transactions: int
    last_block: int


def signers(rows: Iterable[IdentityRow]) -> tuple[Signer, ...]:
    """Each person once, by name: nodes and damaged certificates are nobody. Rows are those of the explorer."""
    found: dict[str, Signer] = {}
    for row in sorted(rows, key=lambda one: one.first_block):
        try:
            person = person_of(row.msp_id, row.certificate.encode())
        except CityChainError:
            continue
        if person.unit in {"peer", "orderer"}:
            continue
        before = found.get(person.party)
        found[person.party] = Signer(
            person.party,
            row.msp_id,
            parse_roles(person.attributes.get(ROLE_ATTRIBUTE, "")),
            person.unit,
            row.transactions + (before.transactions if before else 0),
            max(row.last_block, before.last_block if before else 0),
        )
    return tuple(sorted(found.values(), key=lambda one: one.party))
