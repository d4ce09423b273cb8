"""Sealing owners' documents of before over all works, on the contract itself."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

from apps.copyright.clear_documents import seal_owner_documents
from apps.copyright.model import Work
from apps.copyright.service import CopyrightService
from tests.chaincode.copyright.conftest import ALICE, REGISTRAR, RESIDENT, Office, clear_documents, documents


class Service:
    """What the act needs of a service, over the contract in memory."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.asked: list[str] = []
        self.sent: list[tuple[str, str]] = []
        self.platform = SimpleNamespace(session=SimpleNamespace(require=self.asked.append))
        self.ledger = SimpleNamespace(
            cast=SimpleNamespace(office="CopyrightMSP"),
            evaluate=lambda _, *call: office.ask(*call),
            submit=self._submit,
        )

    def _submit(self, part: str, function: str, work_id: str, *, only: str) -> None:
        assert part == "registrar"
        self._office.do(function, work_id, as_=REGISTRAR)
        self.sent.append((function, only))

    def works(self, *, limit: int) -> Iterator[Work]:
        bookmark = ""
        while limit:
            page = self._office.ask("ListWorks", 2, bookmark)
            yield from map(Work.of, page["items"])
            bookmark = page["bookmark"]
            if not bookmark:
                return


def test_every_works_documents_in_clear_are_sealed_once() -> None:
    office = Office()
    works = [office.work(seed) for seed in "abcde"]
    for number in (0, 2, 4):
        clear_documents(office, works[number])
    office.do("PutOwnerDocuments", works[1]["id"], as_=ALICE, transient=documents())
    office.do("SealOwnerDocuments", works[4]["id"], as_=REGISTRAR)  # a run that was stopped before it purged
    service = Service(office)
    assert seal_owner_documents(cast(CopyrightService, service)) == 3
    assert service.asked == ["copyright.review"]
    assert service.sent == [(f, "CopyrightMSP") for f in ("SealOwnerDocuments", "PurgeClearDocuments")] * 3
    kept = office.tester.ledger.state("copyright", "ownerDocuments")
    assert len(kept) == 4
    assert RESIDENT.encode() not in b"".join(kept.values())
    found: list[Any] = [office.do("LookAtOwnerDocuments", works[n]["id"], as_=REGISTRAR) for n in (0, 1, 2, 4)]
    assert [look["work_id"] for look in found] == [works[n]["id"] for n in (0, 1, 2, 4)]
    assert seal_owner_documents(cast(CopyrightService, service)) == 0
