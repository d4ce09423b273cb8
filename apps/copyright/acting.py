"""Acts on the records of 数字版权: the kit's service, with what hangs on works added to it.

Every record but a work is a declared kind; works are written by hand. So a record is called by its work's title, and
some acts on works are offered by what only a page knows (licences, who else sits here).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import manifest, permissions
from apps.copyright.cast import cast_of
from apps.copyright.money import Debt, debts_of
from apps.copyright.reading import ReadingKeys
from apps.kit.ledger import Committed
from apps.kit.service import MOST, OpenAct, Service
from chaincode.copyright.kinds import Dispute, Infringement, Licence, Payment, Pledge, Registration
from fabric_sdk import clock
from fabric_sdk.kinds import Act, Record

if TYPE_CHECKING:
    from apps.copyright.ledger import CopyrightLedger
    from baas.platform import Platform

ACCEPTING = ("AcceptLicence", "AcceptTransfer")
FEW = 40


class CopyrightActs(Service):
    """`service.kit.do(Licence.accept, on=licence_id)`, and what people may do now."""

    def __init__(
        self,
        platform: Platform,
        network: str,
        ledger: CopyrightLedger,
        done: Callable[[Act, Record], None] = lambda act, record: None,
        had: Callable[[str], None] = lambda cid: None,
    ) -> None:
        """`done` is told of every committed act with the record as it is then, `had` of files kept for acts."""
        super().__init__(platform, network, manifest.MANIFEST, ledger)
        self._done, self._had = done, had
        self._titles_of_works: dict[str, str] = {}
        self.debts: list[Debt] = []
        """What is open on the work that was read last, for the dialog of a payment."""

    def seconds(self) -> tuple[str, ...]:
        """初审 and 复审 are two people's, also where the workspace's owner sits for all."""
        return (self._label_of(cast_of(self.ledger.spec).office, "registrar", "reviewer"),)

    # -- acting --------------------------------------------------------------------------------------
    def do(self, act: Act, given: Mapping[str, Any] | None = None, *, on: str = "", signer: str = "") -> Committed[Any]:
        """Do an act. Who accepts a licence or a transfer of a sealed work has a reading key first, for its key."""
        if act.function in ACCEPTING and on:
            self.platform.session.require(self.permission(act))
            record = self.read(on)
            chosen = signer or self.signer_of(act, record)
            work = self.read(str(record["work_id"]))
            if work["content"]["encrypted"]:
                self.ledger.make(chosen)
                ReadingKeys(self.platform.keystore, self.ledger).ensure(chosen)  # type: ignore[arg-type]
        committed = super().do(act, given, on=on, signer=signer)
        self._done(act, committed.value)
        return committed

    def keep(self, path: Path) -> str:
        """A file that an act will name: its bytes were in hand here, so it is this person's to hand in."""
        cid = super().keep(path)
        self._had(cid)
        return cid

    def signer_of(self, act: Act, record: Record) -> str:
        """A work is contested by somebody who does not decide about it, if such a one sits here."""
        if (
            act is Dispute.open
            and len(self.signers) > 1
            and act.refusal(record, self.who(self.signer_for("licensee"))) is None
        ):
            return self.signer_for("licensee")
        return super().signer_of(act, record)

    @property
    def named_roles(self) -> frozenset[str]:
        """Rights pass between creators and licensees."""
        return frozenset({"creator", "licensee"})

    # -- what may be done ----------------------------------------------------------------------------
    def begins_on(self, record: Record, licences: Sequence[Record] = ()) -> tuple[OpenAct, ...]:
        """What may be begun on a work or a licence: not the application, which has a button of its own.

        With what hangs on it (`licences`), exclusive and sole licensees in force may report infringements of a work
        too, and whoever owes for it may record a payment.
        """
        found = []
        for one in self.begins(on=record):
            if one.act is Dispute.open:
                if self.platform.session.allows(permissions.LICENSE):
                    found.append(OpenAct(one.act, self.signer_of(one.act, record)))
            elif one.act is Infringement.report:
                entitled = {*owners(record), *_sole_licensees(licences)}
                signer = next((one for one in self.signers if self.who(one).party in entitled), "")
                found += [OpenAct(one.act, signer)] if signer and record["state"] == "ACTIVE" else []
            elif one.act is Payment.record:
                self.debts = [debt for debt in debts_of(licences, licences) if debt.open > 0]
                payers = {debt.payer for debt in self.debts}
                signer = next((one for one in self.signers if self.who(one).party in payers), "")
                found += [OpenAct(one.act, signer)] if signer else []
            elif one.act not in (Registration.submit, Licence.sublicense):
                found.append(one)
        if record.get("sublicensing") and record["state"] == "ACTIVE":
            licensee = next((one for one in self.signers if self.who(one).party == record["licensee"]), "")
            found += [OpenAct(Licence.sublicense, licensee)] if licensee and self.allows(Licence.sublicense) else []
        return tuple(found)

    def owner_of(self, work: Record) -> str:
        """Who of the people here owns a work, or a share of it; "" for nobody."""
        return next((one for one in self.signers if self.who(one).party in owners(work)), "")

    def may_revoke(self, work: Record) -> bool:
        """Whether somebody here may withdraw a work: its sole owner, while nothing hangs on it."""
        bound = work["disputes"] or work["registration"] or work["pledge"] or len(work["owners"]) != 1
        return work["state"] == "ACTIVE" and not bound and bool(self.owner_of(work))

    # -- lists ---------------------------------------------------------------------------------------
    def expiring(self, days: int) -> list[Record]:
        """Licences and pledges of the people here in force whose last day comes within `days` days, or has come."""
        last = (clock.today() + timedelta(days=days)).isoformat()
        running = {(Licence.id, "ACTIVE"), (Pledge.id, "REGISTERED")}
        found = [one for one in self.mine() if (one["type"], one["state"]) in running]
        due = {one["id"]: self.catalogue.of(one).due_of(one) for one in found}
        return sorted((one for one in found if due[one["id"]] <= last), key=lambda one: due[one["id"]])

    def know(self, records: Iterable[Record]) -> None:
        """Read the titles of the works that records hang on: one by one if they are few, else page by page."""
        wanted = {str(one["work_id"]) for one in records if one.get("work_id")} - set(self._titles_of_works)
        if len(wanted) > FEW:
            for work in self.pages(self.reader, "ListWorks")[:MOST]:
                self._titles_of_works[work["id"]] = str(work["title"])
        for work_id in wanted - set(self._titles_of_works):
            self._titles_of_works[work_id] = str(self.read(work_id)["title"])

    def called(self, record: Record) -> str:
        """A record by its work; a work by its title."""
        return str(record.get("title") or self._titles_of_works.get(str(record.get("work_id")), ""))


def owners(work: Record) -> list[str]:
    """The parties that own a work."""
    return [str(one["party"]) for one in work.get("owners", ())]


def _sole_licensees(records: Sequence[Record]) -> list[str]:
    """Exclusive and sole licensees in force, among any records of a work."""
    licences = [one for one in records if one["type"] == "licence" and one["state"] == "ACTIVE"]
    return [str(one["licensee"]) for one in licences if one["kind"] != "ordinary"]
