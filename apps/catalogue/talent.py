"""Credentials of people: the ledger has salted hashes of what they say and whether they stand, and nobody's name."""

from fabric_sdk.kinds import Act, Actor, Day, Items, Kind, Need, Reason, Sha256, State

from .kinds import KEEPER, by_hand

MOST_CLAIMS = 20
ISSUER = Need(
    "NOT_ISSUER",
    lambda one: f"the credential is of {str(one['issuer']).partition('/')[0]}",
    lambda one, who: str(one["issuer"]).partition("/")[0] == who.party.partition("/")[0],
    status=403,
)
"""Whoever keeps the catalogue for the organisation that issued it: its people come and go."""


class Credential(Kind, prefix="FK"):
    """What somebody can: `claims` are SHA-256 of salted disclosures, which their holder shows as far as they want."""

    claims = Items(MOST_CLAIMS, {"digest": Sha256()})
    until, issuer = Day(), Actor()
    reason = Reason(200)

    VALID, REVOKED = State("ok"), State("bad", final=True)

    issue = Act(
        VALID,
        KEEPER,
        "IssueCredential",
        "CredentialIssued",
        begins=True,
        form=(claims, until),
        offered=by_hand,
    )
    revoke = Act(
        VALID >> REVOKED,
        KEEPER,
        "RevokeCredential",
        "CredentialRevoked",
        form=(reason,),
        danger=True,
        needs=(ISSUER,),
    )


TALENT_KINDS = (Credential,)
