"""What 服务目录 keeps: seals of audit logs. A log's lines stay where they are, its newest hash is for all to see."""

from fabric_sdk.kinds import Act, Actor, Kind, Role, Sha256, State, Whole

KEEPER = Role(held="catalogue_keeper")
MOST_LINES = 10**12


class Seal(Kind, prefix="FC"):
    """The hash of an audit log's line, and so of every line before it. `chain` is the hash of its first line."""

    chain, line, head = Sha256(), Whole(1, MOST_LINES), Sha256()
    keeper = Actor()

    SEALED = State("ok", final=True)

    seal = Act(SEALED, KEEPER, "SealAudit", "AuditSealed", begins=True, form=(chain, line, head))


KINDS = (Seal,)
