"""Who may have which file of 数字版权.

A work's file goes to its owners, to licensees in force, and to registrars before whom a case, a dispute or a report
brings it; whoever has had it keeps a copy, and nothing calls that back. Proofs and evidence go to those who handed them
in, to the work's owners and to registrars; a certificate to everybody once it is published. A sealed work's file is
ciphertext for everybody without its key.
"""

from __future__ import annotations

from chaincode.copyright.content_doors import SERVICE_ROLE, ContentDoors, contents_of
from chaincode.copyright.licences import owners_of
from chaincode.copyright.records import (
    DISPUTE,
    INFRINGEMENT,
    LICENCE,
    REGISTRATION,
    WORK,
    CopyrightContext,
    Record,
)
from chaincode.kit.records import is_admin, roles_of

PROOF_BYTES = 256 << 20
"""The most that one proof, captured page or certificate may be: the ledger does not say their sizes."""
ALIKE = "alike"
"""A work that looks like a case's own, asked for under the case."""
ALIKE_SCORE = 40
"""From which score, of 100, what the office says it found opens a work; no search of ours reports less."""
_ABOVE = 1 << 20
_IN_HAND = ("OPEN", "ADMITTED", "REPORTED", "EVIDENCED")
"""States of disputes and reports that have not ended."""
_HANDED_BY = ("applicant", "claimant", "reporter", "payer")


class Contents(ContentDoors):
    """Rights to files, read from the records as they are now."""

    def may_fetch(self, ctx: CopyrightContext, record: Record, what: str) -> bool:
        """Whether the caller may have a file."""
        if what == ALIKE:
            return ctx.is_registrar()
        if ctx.is_registrar() and (record["type"] != WORK or _before_the_office(ctx, record)):
            return True
        if what == "certificate" and record.get("published") and record["state"] == "PUBLISHED":
            return True
        work = _work_of(ctx, record)
        if ctx.party in owners_of(work) or ctx.party in _handed_by(record) | {record.get("payee")}:
            return True
        return what in ("work", "certificate") and _licensed(ctx, work["id"])

    def may_hand_in(self, ctx: CopyrightContext, record: Record, what: str) -> int:
        """What a file's own size allows, with room for sealing and for the archive; for a proof the same for all."""
        if what == ALIKE:
            return 0
        if what == "work":
            mine = ctx.party == record["depositor"] or ctx.party in owners_of(record)
            size = int(record["content"]["size"])
            return size + size // 50 + _ABOVE if mine and record["state"] == "ACTIVE" else 0
        if what == "certificate":
            return PROOF_BYTES if ctx.is_registrar() else 0
        return PROOF_BYTES if ctx.party in _handed_by(record) else 0

    def files_of(self, ctx: CopyrightContext, record: Record) -> dict[str, str]:
        """Under a case a registrar asks for the works that look like its own, too, to see both side by side."""
        found = contents_of(record)
        for one in _alike(ctx, record):
            found.setdefault(str(ctx.read(WORK, one)["content"]["cid"]), ALIKE)
        return found

    def held_under(self, ctx: CopyrightContext, record: Record, cid: str, what: str) -> list[str]:
        """A look-alike work's file was handed in for that work, not for the case that names it."""
        if what != ALIKE:
            return super().held_under(ctx, record, cid, what)
        return [one for one in _alike(ctx, record) if ctx.read(WORK, one)["content"]["cid"] == cid]

    def may_survey(self, ctx: CopyrightContext) -> bool:
        """Registrars, administrators and content services look after all files."""
        return ctx.is_registrar() or is_admin(ctx.client) or SERVICE_ROLE in roles_of(ctx.client)


def _alike(ctx: CopyrightContext, case: Record) -> list[str]:
    """The works that look like a case's own, for a registrar whose case it is not.

    The ledger's own finds and the applicant's words count as they are. What the office names counts from a score on:
    whoever writes it has put a number to it that the record keeps.
    """
    if case["type"] != REGISTRATION or not ctx.is_registrar() or ctx.party in _handed_by(case):
        return []
    compared = (case.get("comparison") or {}).get("found", ())
    named = [one for one in compared if one["by"] != "office" or one["score"] >= ALIKE_SCORE]
    return sorted({str(one["work_id"]) for one in (*named, *case.get("similar", ())) if one.get("work_id")})


def _before_the_office(ctx: CopyrightContext, work: Record) -> bool:
    """Whether a work's owners brought it before the office, or others' dispute or report of infringement does so now.

    A registrar's own dispute opens nothing to them: its evidence may be invented, and it may be withdrawn at once.
    """
    if work["registration"] or work["pledge"] or ctx.indexed("registrations", work["id"]):
        return True
    filed = (*ctx.all_of("disputes", work["id"], DISPUTE), *ctx.all_of("infringements", work["id"], INFRINGEMENT))
    return any(one["state"] in _IN_HAND and ctx.party not in _handed_by(one) for one in filed)


def _work_of(ctx: CopyrightContext, record: Record) -> Record:
    return record if record["type"] == WORK else ctx.read(WORK, str(record.get("work_id", "")))


def _handed_by(record: Record) -> set[str]:
    return {str(record[name]) for name in _HANDED_BY if record.get(name)}


def _licensed(ctx: CopyrightContext, work_id: str) -> bool:
    """Whether a licence to the caller is in force today, and so are those above it."""
    for one in ctx.all_of("licences", work_id, LICENCE):
        if one["licensee"] != ctx.party:
            continue
        licence = one
        while _in_force(ctx, licence):
            if not licence["parent"]:
                return True
            licence = ctx.read(LICENCE, licence["parent"])
    return False


def _in_force(ctx: CopyrightContext, licence: Record) -> bool:
    return bool(licence["state"] == "ACTIVE" and licence["from"] <= ctx.today <= licence["until"])
